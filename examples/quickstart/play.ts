import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import type { Writable } from 'node:stream';
import type { AppMessage, ConnectionAction, Outcome, SeenSpan, Setup, UpstreamMessage } from './messages';

/** One run of the client application against upstreams of its own, and everything that was observed. */
export interface Run {
  readonly spans: readonly SeenSpan[];
  readonly outcomes: readonly Outcome[];
  /** What the upstreams report that they did. */
  readonly actions: readonly ConnectionAction[];
  readonly problems: readonly string[];
}

const children = new Set<ChildProcess>();

/** Ends every process that this module started. */
export function endAll(): void {
  for (const child of children) child.kill('SIGKILL');
}

function start(file: string, args: readonly string[]): ChildProcess {
  const env = { ...process.env, OTEL_SDK_DISABLED: 'false', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' };
  const child = fork(path.join(__dirname, file), args, { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc', 'pipe'] });
  children.add(child);
  child.on('exit', () => children.delete(child));
  return child;
}

/** Starts an upstream; resolves to its port. */
async function startUpstream(
  name: string,
  action: (action: ConnectionAction) => void,
  port?: number,
): Promise<[number, ChildProcess]> {
  const child = start(`upstreams/${name}.js`, port === undefined ? [] : [String(port)]);
  const listening = new Promise<number>((resolve, reject) => {
    child.on('message', (message: UpstreamMessage) => {
      if (message.listening !== undefined) resolve(message.listening);
      if (message.action !== undefined) action(message.action);
    });
    child.on('exit', (code) => reject(new Error(`${name} ended with code ${code}`)));
  });
  return [await listening, child];
}

/** A port that is in use, so that no other process can get it, and on which nothing listens. */
async function closedPort(neighbour: number): Promise<[number, net.Socket]> {
  const socket = net.connect(neighbour, '127.0.0.1');
  await once(socket, 'connect');
  return [socket.localPort ?? 0, socket];
}

function doneBy(app: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    app.on('message', ({ done }: AppMessage) => done && resolve());
    app.on('exit', (code) => reject(new Error(`the client application ended with code ${code}`)));
  });
}

/** Plays all scenarios. Calls `progress` for every request that has ended. */
export async function play(setup: Omit<Setup, 'ports'>, progress: () => void): Promise<Run> {
  const run = {
    spans: [] as SeenSpan[],
    outcomes: [] as Outcome[],
    actions: [] as ConnectionAction[],
    problems: [] as string[],
  };
  let app: ChildProcess | undefined;
  const onAction = (action: ConnectionAction) => {
    run.actions.push(action);
    (app?.stdio[4] as Writable | undefined)?.write(`${action.call}\n`);
  };
  const names = ['orders', 'inventory', 'warehouse', 'quotes', 'reports'];
  const started = await Promise.all(names.map((name) => startUpstream(name, onAction)));
  const ports = Object.fromEntries(started.map(([port], i) => [names[i], port]));
  const [orders, inventory] = started.map(([, child]) => child);
  const [mailer, holder] = await closedPort(ports.reports ?? 0);

  const replaced = new Promise<void>((resolve, reject) => {
    inventory?.once('exit', () => startUpstream('inventory', onAction, ports.inventory).then(() => resolve(), reject));
  });
  app = start('app.js', [JSON.stringify({ ...setup, ports: { ...ports, mailer } })]);
  app.stdio[4]?.on('error', () => undefined);
  app.on('message', ({ span, outcome, blockedUntil, problem }: AppMessage) => {
    if (span !== undefined) run.spans.push(span);
    if (outcome !== undefined) {
      run.outcomes.push(outcome);
      progress();
    }
    if (problem !== undefined) run.problems.push(problem);
    if (blockedUntil !== undefined) orders?.send(blockedUntil);
  });
  await Promise.all([doneBy(app), replaced]);
  holder.destroy();
  for (const [, child] of started) child.kill('SIGKILL');
  return run;
}
