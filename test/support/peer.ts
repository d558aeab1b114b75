import { once } from 'node:events';
import http, { type ClientRequest } from 'node:http';
import https from 'node:https';
import path from 'node:path';
import { Worker } from 'node:worker_threads';

/** A misbehaving peer in a thread of its own: `test/peer-worker.ts` says what its paths do. */
export interface Peer {
  readonly port: number;
  readonly secure: boolean;
  /** How many requests it has read. */
  readonly requests: number;
  /**
   * Ends the peer's open connections (`connections` of them, all but the `keep` oldest) while this thread is blocked, event loop and all: what the
   * peer did is in the kernel, and nothing here can have noticed when the next request is made in the same tick.
   */
  endUnnoticed(how: 'fin' | 'rst' | 'destroy' | 'farewell', connections?: number, keep?: number): void;
  stop(): Promise<void>;
}

/** Longer than the shortest idle age that means anything: the next request finds its connection unusually old. */
export const UNUSUAL_MS = 150;

export async function startPeer({ secure = false, hint = '', hello = '' } = {}): Promise<Peer> {
  const counters = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(path.join(__dirname, 'peer-worker.js'), { workerData: { counters, secure, hint, hello } });
  let done = 0;
  const [port] = (await once(worker, 'message')) as [number];
  return {
    port,
    secure,
    get requests() {
      return Atomics.load(counters, 1);
    },
    endUnnoticed(how, connections = 1, keep = 0) {
      done += connections;
      worker.postMessage({ how, keep });
      for (let so = Atomics.load(counters, 0); so < done; so = Atomics.load(counters, 0)) {
        if (Atomics.wait(counters, 0, so, 10_000) === 'timed-out') throw new Error('the peer did nothing for 10 s');
      }
      if (how !== 'farewell') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, UNUSUAL_MS);
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
  /** All that was emitted, on the request and on the response, in order. */
  readonly errors: readonly unknown[];
  readonly body: string;
}

export interface Request extends https.RequestOptions {
  readonly body?: string | Buffer;
  /** Gets the request right after it was made. */
  readonly tap?: (request: ClientRequest) => void;
  /** The test ends the request itself. */
  readonly unended?: boolean;
}

/** One request to a peer, to its end. Resolves in every case. */
export function exchange(
  peer: Pick<Peer, 'port' | 'secure'>,
  target: string,
  options: Request = {},
): Promise<Exchange> {
  const { body, tap, unended = false, ...rest } = options;
  const send = peer.secure ? https.request : http.request;
  return new Promise((resolve) => {
    const request = send({
      host: '127.0.0.1',
      port: peer.port,
      path: target,
      rejectUnauthorized: false,
      ...rest,
    } as https.RequestOptions);
    let status: number | undefined;
    let text = '';
    const errors: unknown[] = [];
    request.on('response', (response) => {
      status = response.statusCode;
      response.setEncoding('latin1');
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('error', (error) => errors.push(error));
    });
    request.on('error', (error) => errors.push(error));
    request.on('close', () => setImmediate(() => resolve({ status, error: errors[0], errors, body: text })));
    tap?.(request);
    if (!unended) request.end(body);
  });
}
