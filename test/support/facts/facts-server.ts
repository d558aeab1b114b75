import { once } from 'node:events';
import http, { type ClientRequest, type RequestOptions } from 'node:http';
import https from 'node:https';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { clientSpan, type EndedSpan } from '../sdk';

/** What the server saw of the connection that carried a request. */
export interface Seen {
  readonly port: number | undefined;
  /** Requests that came over the same connection before. */
  readonly number: number;
}

export interface FactsServer {
  /** Where it listens. */
  readonly at: RequestOptions;
  readonly secure: boolean;
  stop(): Promise<void>;
}

export async function startFactsServer({ secure = false, socketPath = '' } = {}): Promise<FactsServer> {
  const worker = new Worker(path.join(__dirname, 'facts-worker.js'), {
    workerData: { secure, socketPath: socketPath || undefined },
  });
  const [port] = (await once(worker, 'message')) as [number];
  return {
    at: socketPath === '' ? { host: '127.0.0.1', port } : { socketPath },
    secure,
    async stop() {
      await worker.terminate();
    },
  };
}

/** One request, to its end: resolves when the connection was released, too. */
export function ask(server: FactsServer, target: string, options: RequestOptions = {}, body?: string): Promise<Seen> {
  const send = server.secure ? https.request : http.request;
  return new Promise((resolve, reject) => {
    const all = { ...server.at, path: target, rejectUnauthorized: false, ...options } as RequestOptions;
    const request: ClientRequest = send(all, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        text += chunk;
      });
      request.on('close', () =>
        setImmediate(() => resolve(text === '' ? { port: undefined, number: -1 } : JSON.parse(text))),
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** One request: its span, and what the server saw of it. */
export async function traced(
  server: FactsServer,
  target: string,
  options: RequestOptions = {},
): Promise<{ span: EndedSpan; seen: Seen }> {
  let seen: Seen | undefined;
  const span = await clientSpan(async () => {
    seen = await ask(server, target, options);
  });
  if (seen === undefined) throw new Error('nothing was seen');
  return { span, seen };
}

/** The attributes of this package on a span, sorted by name. */
export function socketAttributes({ attributes }: EndedSpan): Record<string, unknown> {
  const ours = Object.entries(attributes).filter(([name]) => name.startsWith('socket.'));
  return Object.fromEntries(ours.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A number among a span's attributes. */
export function number({ attributes }: EndedSpan, name: string): number {
  const value = attributes[name];
  if (typeof value !== 'number' || !Number.isInteger(value)) throw new Error(`${name} is ${String(value)}`);
  return value;
}
