import { writeSync } from 'node:fs';
import { Session } from 'node:inspector';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

/*
 * A debugger's way into the package: `node step-into.js FILE` stops before a call of FILE's `socketFailureOf`, steps into
 * it, and prints where it is, as JSON. The debugger is a worker: the main thread stands still.
 */
interface Stop {
  readonly name: string;
  /** The URL of the script, and what its last line says about its source map. */
  readonly url: string;
  readonly map: string | undefined;
  /** From 0. */
  readonly line: number;
  readonly column: number;
}

const NAME = 'socketFailureOf';

function debug(): void {
  const session = new Session();
  const scripts = new Map<string, { readonly url: string; readonly sourceMapURL?: string | undefined }>();
  session.connectToMainThread();
  session.on('Debugger.scriptParsed', ({ params }) => scripts.set(params.scriptId, params));
  session.on('Debugger.paused', ({ params }) => {
    const frame = params.callFrames[0];
    if (frame?.functionName !== NAME) {
      session.post('Debugger.stepInto');
      return;
    }
    const { scriptId, lineNumber: line, columnNumber: column = 0 } = frame.location;
    const { url = '', sourceMapURL: map } = scripts.get(scriptId) ?? {};
    const stop: Stop = { name: frame.functionName, url, map, line, column };
    writeSync(1, JSON.stringify(stop));
    session.post('Debugger.resume', () => process.exit());
  });
  session.post('Debugger.enable', () => parentPort?.postMessage('ready'));
  // An open session does not keep its thread alive; a port that is listened to does.
  parentPort?.on('message', () => {});
}

function run(file: string): void {
  const entry: Record<typeof NAME, (error: unknown) => unknown> = require(file);
  const worker = new Worker(__filename, { workerData: file });
  worker.once('message', () => {
    // biome-ignore lint/suspicious/noDebugger: this is what a debugger stops at.
    debugger;
    entry.socketFailureOf(new Error());
  });
}

if (isMainThread) run(String(process.argv[2]));
else if (workerData !== undefined) debug();

export type { Stop };
