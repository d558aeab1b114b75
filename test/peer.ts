import { once } from 'node:events';
import http, { type ClientRequest, type RequestOptions } from 'node:http';
import https from 'node:https';
import path from 'node:path';
import { Worker } from 'node:worker_threads';

/** A misbehaving peer in a thread of its own: `test/peer-worker.ts` says what its paths do. */
export interface Peer {
  readonly port: number;
  readonly secure: boolean;
  /** How many requests it has read. */
  readonly requests: number;
  /** Blocks this thread, event loop and all, until the peer has done `n` of its silent deeds in total. */
  blockUntilDone(n: number): void;
  stop(): Promise<void>;
}

export async function startPeer({ secure = false, hint = '' } = {}): Promise<Peer> {
  const counters = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(path.join(__dirname, 'peer-worker.js'), { workerData: { counters, secure, hint } });
  const [port] = (await once(worker, 'message')) as [number];
  return {
    port,
    secure,
    get requests() {
      return Atomics.load(counters, 1);
    },
    blockUntilDone(n) {
      for (let done = Atomics.load(counters, 0); done < n; done = Atomics.load(counters, 0)) {
        if (Atomics.wait(counters, 0, done, 10_000) === 'timed-out') throw new Error('the peer did nothing for 10 s');
      }
    },
    async stop() {
      await worker.terminate();
    },
  };
}

export interface Exchange {
  /** What the program got: the status code, or the error. */
  readonly status: number | undefined;
  readonly error: unknown;
  readonly body: string;
}

export interface Request extends RequestOptions {
  readonly body?: string | Buffer;
  /** Gets the request right after it was made. */
  readonly tap?: (request: ClientRequest) => void;
}

/** One request to a peer, to its end. Resolves in every case. */
export function exchange(peer: Pick<Peer, 'port' | 'secure'>, target: string, options: Request = {}): Promise<Exchange> {
  const { body, tap, ...rest } = options;
  const send = peer.secure ? https.request : http.request;
  return new Promise((resolve) => {
    const request = send({ host: '127.0.0.1', port: peer.port, path: target, rejectUnauthorized: false, ...rest } as RequestOptions);
    let status: number | undefined;
    let text = '';
    let error: unknown;
    request.on('response', (response) => {
      status = response.statusCode;
      response.setEncoding('latin1');
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('error', (failure) => {
        error ??= failure;
      });
    });
    request.on('error', (failure) => {
      error ??= failure;
    });
    request.on('close', () => setImmediate(() => resolve({ status, error, body: text })));
    tap?.(request);
    request.end(body);
  });
}
