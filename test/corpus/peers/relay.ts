import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { gone } from './peer';

/** A layer-4 proxy with a long way behind it: accepts at once; bytes, FIN and RST take half the delay each way. */
export interface Relay {
  readonly host: string;
  readonly port: number;
  stop(): Promise<void>;
}

export async function startRelay(to: { host: string; port: number }, delayMs: number): Promise<Relay> {
  const child: ChildProcess = fork(path.join(__dirname, 'relay-server.js'), [to.host, `${to.port}`, `${delayMs / 2}`]);
  const [port] = (await once(child, 'message')) as [number];
  return {
    host: '127.0.0.1',
    port,
    async stop() {
      child.kill('SIGKILL');
      await gone(child);
    },
  };
}
