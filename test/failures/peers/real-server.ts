import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { after } from 'node:test';

/** A server of Node's own in a child process, `server.ts`, for the length of one test. */
export interface RealServer {
  readonly port: number;
  readonly secure: boolean;
  readonly child: ChildProcess;
  /** Ends it the hard way. Resolves when it is gone. */
  kill(): Promise<void>;
}

export async function startServer(mode: 'http' | 'https' | 'client-certificate'): Promise<RealServer> {
  const child = fork(path.join(__dirname, 'server.js'), [mode]);
  const [port] = (await once(child, 'message')) as [number];
  const gone = once(child, 'exit');
  const kill = async () => {
    child.kill('SIGKILL');
    await gone;
  };
  after(kill);
  return {
    port,
    secure: mode !== 'http',
    child,
    kill,
  };
}

/** Resolves when the server has been handed `count` more requests. */
export async function requestsAt({ child }: RealServer, count: number): Promise<void> {
  for (let seen = 0; seen < count; seen++) await once(child, 'message');
}
