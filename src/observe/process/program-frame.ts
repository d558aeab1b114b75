/** In a stack no deeper than this, the program's frame is among the first ones below Node's. */
const FRAMES = 100;

/**
 * Called while a socket is being destroyed: returns true if a frame of the program is on the stack below Node's
 * `destroy()`, false if not or if the stack cannot be read.
 */
export function isDestroyedByProgram(): boolean {
  const files = callers();
  const firstOfNode = files.findIndex(isNodes);
  return firstOfNode >= 0 && files.slice(firstOfNode).some((file) => !isNodes(file));
}

/**
 * Called while a socket is being destroyed: returns true if a pipeline of Node's destroys it, because one of its streams
 * failed. A pipeline does not pass the error on to a request.
 */
export function isDestroyedByPipeline(): boolean {
  const files = callers();
  const nodes = files.slice(files.findIndex(isNodes));
  const end = nodes.findIndex((file) => !isNodes(file));
  return (end < 0 ? nodes : nodes.slice(0, end)).includes(PIPELINE);
}

const PIPELINE = 'node:internal/streams/pipeline';

function isNodes(file: string): boolean {
  return file.startsWith('node:');
}

/** The files of the stack's frames, innermost first. */
function callers(): string[] {
  const { stackTraceLimit, prepareStackTrace } = Error;
  try {
    // They may be frozen: then the stack cannot be read.
    Reflect.set(Error, 'stackTraceLimit', FRAMES);
    Reflect.set(Error, 'prepareStackTrace', fileNames);
    const holder: { stack?: unknown } = {};
    Error.captureStackTrace(holder);
    const files = holder.stack;
    return Array.isArray(files) ? files.filter((file) => typeof file === 'string' && file !== '') : [];
  } finally {
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
    if (prepareStackTrace === undefined) Reflect.deleteProperty(Error, 'prepareStackTrace');
    else Reflect.set(Error, 'prepareStackTrace', prepareStackTrace);
  }
}

function fileNames(_: Error, sites: NodeJS.CallSite[]): string[] {
  return sites.map((site) => site.getFileName() ?? '');
}
