import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import type { ConnectionAction, UpstreamMessage } from './messages';

/** Every process that runs. */
export const children = new Set<ChildProcess>();

export function start(file: string, args: readonly string[]): ChildProcess {
  const env = { ...process.env, OTEL_SDK_DISABLED: 'false', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' };
  const child = fork(path.join(__dirname, file), args, { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc', 'pipe'] });
  children.add(child);
  child.on('exit', () => children.delete(child));
  return child;
}

interface Events {
  readonly onAction: (action: ConnectionAction) => void;
  /** An upstream no longer listens. */
  readonly onStopped: (name: string) => void;
}

/** Starts an upstream; resolves to its port. */
async function startUpstream(name: string, args: readonly string[], events: Events): Promise<Upstream> {
  const child = start(`upstreams/${name}.js`, args);
  const listening = new Promise<number>((resolve, reject) => {
    child.on('message', (message: UpstreamMessage) => {
      if (message.listening !== undefined) resolve(message.listening);
      if (message.action !== undefined) events.onAction({ ...message.action, host: name });
      if (message.stopped) events.onStopped(name);
    });
    child.on('exit', (code) => reject(new Error(`${name} ended with code ${code}`)));
  });
  return { name, child, port: await listening };
}

interface Upstream {
  readonly name: string;
  readonly child: ChildProcess;
  readonly port: number;
}

export interface Upstreams {
  readonly ports: Readonly<Record<string, number>>;
  /** The client will notice nothing before the upstreams have closed the connections that carried these calls. */
  clientIsBlocked(calls: readonly string[]): void;
  /** Kills an upstream, and starts it again on its port. */
  replace(name: string): Promise<void>;
  stop(): void;
}

/** A port that is in use, so that no other process can get it, and on which nothing listens. */
async function closedPort(): Promise<[number, () => void]> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
  await Promise.all([once(socket, 'connect'), once(server, 'connection')]);
  server.close();
  return [socket.localPort ?? 0, () => socket.destroy()];
}

/** `mailer` is not started: nothing listens on its port. */
export async function startUpstreams(
  names: readonly string[],
  applications: number,
  events: Events,
): Promise<Upstreams> {
  const [mailer, release] = await closedPort();
  const args = ['0', String(applications)];
  const started = await Promise.all(
    names.filter((name) => name !== 'mailer').map((name) => startUpstream(name, args, events)),
  );
  return {
    ports: { ...Object.fromEntries(started.map(({ name, port }) => [name, port])), mailer },
    clientIsBlocked(calls) {
      for (const { name, child } of started) if (name === 'orders' || name === 'catalog') child.send(calls);
    },
    async replace(name) {
      const old = started.find((upstream) => upstream.name === name);
      if (old === undefined) throw new Error(`${name} was not started`);
      old.child.kill('SIGKILL');
      await once(old.child, 'exit');
      started.push(await startUpstream(name, [String(old.port), ...args.slice(1), 'replacement'], events));
    },
    stop() {
      release();
      for (const { child } of started) child.kill('SIGKILL');
    },
  };
}
