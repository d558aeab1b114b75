import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { gone } from './peer';

interface Place {
  readonly host: string;
  readonly port: number;
}

/**
 * A layer-4 proxy with a long way behind it: accepts at once; bytes, FIN and RST take half the delay each way. With several
 * peers behind it, each takes a connection in its turn.
 */
export interface Relay {
  readonly host: string;
  readonly port: number;
  stop(): Promise<void>;
}

export async function startRelay(peers: readonly Place[], delayMs: number): Promise<Relay> {
  const to = JSON.stringify(peers.map(({ host, port }) => ({ host, port })));
  const child: ChildProcess = fork(path.join(__dirname, 'relay-server.js'), [to, `${delayMs / 2}`]);
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
