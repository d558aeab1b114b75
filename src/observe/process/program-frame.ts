/** In a stack no deeper than this, the program's frame is among the first ones below Node's. */
const FRAMES = 100;

/**
 * Called while a socket is being destroyed: returns true if a frame of the program is on the stack below Node's
 * `destroy()`, false if not or if the stack cannot be read.
 */
export function isDestroyedByProgram(): boolean {
  const frames = framesOfDestroy();
  const connecting = frames.findIndex(({ file, name }) => file === 'node:net' && CONNECTS.has(name ?? ''));
  return frames.some((frame) => !isNodes(frame)) && !isCalledFrom(frames, connecting);
}

/** The functions of `net` that destroy a socket which cannot connect. */
const CONNECTS = new Set([
  'internalConnect',
  'internalConnectMultiple',
  'afterConnect',
  'afterConnectMultiple',
  'connectErrorNT',
]);

/**
 * Called while a socket is being destroyed: returns true if a pipeline of Node's destroys it, because one of its streams
 * failed. A pipeline does not pass the error on to a request.
 */
export function isDestroyedByPipeline(): boolean {
  const frames = framesOfDestroy();
  const end = frames.findIndex((frame) => !isNodes(frame));
  return (end < 0 ? frames : frames.slice(0, end)).some(({ file }) => file === PIPELINE);
}

/**
 * Called while a socket is being destroyed: returns true if its own stream does so, because a write failed before the
 * call returned. Such a failure is reported on the next tick.
 */
export function isDestroyedByWrite(): boolean {
  const frames = framesOfDestroy();
  const failed = frames.findIndex(({ file, name }) => file === WRITABLE && name === 'onwriteError');
  return failed >= 0 && frames.slice(0, failed).every(({ file }) => OF_DESTROY.has(file));
}

/**
 * Called while a socket is being destroyed: returns true if Node does so from its own read, write or TLS callback,
 * before the program is notified. A library may have wrapped the `destroy()` that Node calls.
 */
export function isDestroyedByCall(): boolean {
  const frames = framesOfDestroy();
  return isCalledFrom(
    frames,
    frames.findIndex(({ file }) => CALLS.has(file)),
  );
}

/** Whether the frame at this index called `destroy()`, perhaps through what wraps that; false if there is none. */
function isCalledFrom(frames: readonly Frame[], index: number): boolean {
  return index >= 0 && frames.slice(0, index).every((frame) => OF_DESTROY.has(frame.file) || !isNodes(frame));
}

/** Called while a socket is being destroyed: returns true if Node's client does so where it parses what was read. */
export function isDestroyedByParser(): boolean {
  return isDestroyedByHttpClient('socketOnData');
}

/**
 * Called while a response is being destroyed: returns true if Node's client does so, because its connection was closed: the
 * error is one that it has just made.
 */
export function isDestroyedByClose(): boolean {
  return isDestroyedByHttpClient('socketCloseListener');
}

/** `caller`: a function of Node's. A library may have wrapped the `destroy()` that it calls. */
function isDestroyedByHttpClient(caller: string): boolean {
  const frame = framesOfDestroy().find((each) => isNodes(each) && !OF_DESTROY.has(each.file));
  return frame?.file === HTTP_CLIENT && frame.name === caller;
}

const HTTP_CLIENT = 'node:_http_client';
const CALLS = new Set(['node:internal/stream_base_commons', 'node:_tls_wrap']);
const WRITABLE = 'node:internal/streams/writable';
const OF_DESTROY = new Set([WRITABLE, 'node:internal/streams/destroy', 'node:net']);
const PIPELINE = 'node:internal/streams/pipeline';

interface Frame {
  readonly file: string;
  readonly name: string | null;
}

function isNodes({ file }: Frame): boolean {
  return file.startsWith('node:');
}

/**
 * A function with which Node goes on by itself, whoever calls it: what it runs in the next tick (its name ends in `NT` by
 * convention; the one with which `net` begins to connect to an address has none), and the callback of a look-up.
 */
function isContinuation({ file, name }: Frame): boolean {
  if (file === 'node:net' && (name === null || name === 'emitLookup')) return true;
  return file.startsWith('node:') && name?.endsWith('NT') === true;
}

/**
 * The frames from Node's `destroy()` on, without ours on top, innermost first; none if the stack cannot be read. Below a
 * function with which Node goes on are only those of what wraps `process.nextTick` or a look-up.
 */
function framesOfDestroy(): Frame[] {
  const frames = stack();
  const first = frames.findIndex(isNodes);
  if (first < 0) return [];
  const last = frames.findIndex(isContinuation);
  return frames.slice(first, last < 0 ? undefined : last + 1);
}

/** The frames of the stack that have a file, innermost first; none if the stack cannot be read. */
function stack(): Frame[] {
  let frames: Frame[] = [];
  const undos = [
    replaced('stackTraceLimit', FRAMES),
    replaced('prepareStackTrace', (_: Error, sites: NodeJS.CallSite[]) => {
      frames = sites.map((site) => ({ file: site.getFileName() ?? '', name: site.getFunctionName() }));
    }),
  ];
  try {
    const holder: { stack?: unknown } = {};
    // Otherwise the program's own `prepareStackTrace` would be called.
    if (undos.every((undo) => undo !== undefined)) Error.captureStackTrace(holder);
    // Some Nodes make the stack when it is first read.
    void holder.stack;
  } catch {
    // The program has replaced what makes it.
  } finally {
    for (const undo of undos) undo?.();
  }
  return frames.filter(({ file }) => file !== '');
}

/** Gives `Error` this property, without calling a setter of the program's. Undefined if it has one that is frozen. */
function replaced(name: string, value: unknown): (() => void) | undefined {
  const theirs = Object.getOwnPropertyDescriptor(Error, name);
  const isData = theirs !== undefined && 'value' in theirs;
  const ours = isData ? { value } : { value, writable: true, enumerable: false, configurable: true };
  if (!Reflect.defineProperty(Error, name, ours)) return undefined;
  return () => {
    if (theirs === undefined) Reflect.deleteProperty(Error, name);
    else Reflect.defineProperty(Error, name, theirs);
  };
}
