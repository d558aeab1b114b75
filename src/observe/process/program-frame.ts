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

function isNodes(file: string): boolean {
  return file.startsWith('node:');
}

/** The files of the stack's frames, innermost first. */
function callers(): string[] {
  const { stackTraceLimit, prepareStackTrace } = Error;
  try {
    Error.stackTraceLimit = FRAMES;
    Error.prepareStackTrace = (_, sites) => sites.map((site) => site.getFileName() ?? '');
    const holder: { stack?: unknown } = {};
    Error.captureStackTrace(holder);
    const files = holder.stack;
    return Array.isArray(files) ? files.filter((file) => typeof file === 'string' && file !== '') : [];
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    if (prepareStackTrace === undefined) Reflect.deleteProperty(Error, 'prepareStackTrace');
    else Error.prepareStackTrace = prepareStackTrace;
  }
}
