import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { freePort } from '../free-port';
import type { AppMessage, Mode, Outcome, Setup } from './messages';
import { readLog } from './peer-log';

/** What one client program did, and what its peer says about it. */
export interface Run {
  readonly client: string;
  readonly mode: Mode;
  readonly outcomes: readonly Outcome[];
  /** The calls of all attempts, as their spans saw them. */
  readonly attempts: readonly string[];
  /** The calls that the peer executed, by its log, each as often as it did. */
  readonly executed: readonly string[];
}

const QUIET = {
  OTEL_METRICS_EXPORTER: 'none',
  OTEL_LOGS_EXPORTER: 'none',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
};

const children = new Set<ChildProcess>();
const folders = new Set<string>();

/** Ends every process that this module started, and removes what they left. */
export function endAll(): void {
  for (const child of children) child.kill('SIGKILL');
  for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
}

function start(file: string, ...args: string[]): ChildProcess {
  const env = { ...process.env, OTEL_SDK_DISABLED: 'false', ...QUIET };
  const child = fork(path.join(__dirname, file), args, { env });
  children.add(child);
  child.on('exit', () => children.delete(child));
  return child;
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.on('message', ({ done }: AppMessage) => done && resolve());
    child.on('exit', (code, signal) => reject(new Error(`a client program ended with ${code ?? signal}`)));
  });
}

/** One client program and a peer of its own, which is replaced when it is killed. */
export async function play(client: string, mode: Mode): Promise<Run> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'resilient-client-'));
  folders.add(folder);
  const port = await freePort();
  const first = start('peer.js', folder, String(port));
  await once(first, 'message');
  const second = start('peer.js', folder, String(port), 'replaces');
  const setup: Setup = { client, mode, port, folder };
  const app = start('app.js', JSON.stringify(setup));
  first.once('exit', () => app.send('killed'));
  second.once('message', () => app.send('back'));
  const outcomes: Outcome[] = [];
  const attempts: string[] = [];
  app.on('message', ({ outcome, attempt, refused }: AppMessage) => {
    if (refused) second.send('listen');
    if (outcome !== undefined) outcomes.push(outcome);
    if (attempt !== undefined) attempts.push(attempt);
  });
  await ended(app);
  const executed = readLog(folder).flatMap((line) => line.executed ?? []);
  second.kill('SIGKILL');
  return { client, mode, outcomes, attempts, executed };
}
