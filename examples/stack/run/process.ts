import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/** A program to start, and how to find out that it is ready. */
export interface Launch {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Answers 2xx once the program is ready. */
  readonly readyUrl?: string;
  /** Whether its output is printed. */
  readonly isPrinted?: boolean;
}

export interface Running {
  readonly name: string;
  /** With SIGTERM, then SIGKILL. Resolves when the program and everything that it started have ended. */
  stop(): Promise<void>;
}

export interface Listener {
  readonly onLine: (line: string) => void;
  /** The program ended although `stop` was not called. */
  readonly onEnd: (error: Error) => void;
}

const READY_WITHIN_MS = 60_000;
const POLL_EVERY_MS = 50;
const STOPPED_WITHIN_MS = 8_000;
const REMEMBERED_LINES = 15;

/** With this, Linux ends the program even if the launcher is killed. */
const SETPRIV = '/usr/bin/setpriv';
const guard = fs.existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig', 'TERM', '--'] : [];
const kills = new Set<() => void>();
process.on('exit', () => {
  for (const kill of kills) kill();
});

/**
 * Resolves when the program is ready; rejects, with the end of its output, if it ends first or is not ready in time.
 */
export async function launch(what: Launch, { onLine, onEnd }: Listener): Promise<Running> {
  const { name } = what;
  const env = { ...inherited(), ...what.env };
  const [command = '', ...args] = [...guard, what.command, ...what.args];
  // In its own process group: Ctrl-C reaches only the launcher, which stops the programs in order.
  const child = spawn(command, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'], env });
  const spawned = once(child, 'spawn');
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      if (lines.length > REMEMBERED_LINES) lines.shift();
      if (what.isPrinted === true) onLine(line);
    });

  let state: 'starting' | 'ready' | 'stopping' | 'ended' = 'starting';
  const failure = (text: string) => new Error([`${name} ${text}`, ...lines.map((line) => `  ${line}`)].join('\n'));
  const ended = new Promise<Error>((resolve) => {
    child.on('close', (code, signal) => {
      const error = failure(`ended unexpectedly (${signal ?? `exit code ${code}`}); its last output:`);
      if (state === 'ready') onEnd(error);
      state = 'ended';
      resolve(error);
    });
  });

  const kill = (signal: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch {
      // The group has already ended.
    }
  };
  const killNow = () => kill('SIGKILL');
  kills.add(killNow);
  const stop = async () => {
    if (state !== 'ended') state = 'stopping';
    kill('SIGTERM');
    const timer = setTimeout(killNow, STOPPED_WITHIN_MS);
    await ended;
    clearTimeout(timer);
    killNow();
    kills.delete(killNow);
  };

  try {
    await spawned;
    const isStarting = () => state === 'starting';
    await Promise.race([ended.then((error) => Promise.reject(error)), ready(what.readyUrl, isStarting, failure)]);
  } catch (error) {
    if (child.pid !== undefined) await stop();
    throw error;
  }
  state = 'ready';
  return { name, stop };
}

async function ready(
  url: string | undefined,
  isStarting: () => boolean,
  failure: (text: string) => Error,
): Promise<void> {
  if (url === undefined) return;
  const lastMs = performance.now() + READY_WITHIN_MS;
  let status = 'no answer';
  while (isStarting() && performance.now() < lastMs) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch((error: Error) => error);
    if (!(answer instanceof Error)) await answer.arrayBuffer();
    if (!(answer instanceof Error) && answer.ok) return;
    status = answer instanceof Error ? answer.message : `status ${answer.status}`;
    await sleep(POLL_EVERY_MS);
  }
  throw failure(`is not ready after ${READY_WITHIN_MS / 1_000} s (${url}: ${status}); its last output:`);
}

/** The environment without the user's own OpenTelemetry settings: the launcher sets them all. */
function inherited(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(OTEL_|SHOP_)/.test(name)));
}
