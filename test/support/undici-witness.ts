import assert from 'node:assert/strict';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { after } from 'node:test';
import { closedPort, listen } from './fresh-port';
import type { EndedSpan } from './sdk';

/** What a server saw of a request: the client's port, and how many requests came over that connection before. */
interface Seen {
  readonly port: number | undefined;
  readonly number: number;
}

/** A server that remembers what it saw of each request, by its target, in order. */
export interface Witness {
  readonly url: string;
  readonly seen: ReadonlyMap<string, readonly Seen[]>;
  /** The connections that are open now. */
  readonly sockets: ReadonlySet<Socket>;
  /** How many times a target was asked for. */
  readonly asked: (target: string) => number;
}

type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => void;

/** How it answers, by the first part of the path; else 200 when the request has ended. */
const ANSWERS: Readonly<Record<string, Answer>> = {
  // Two hops, the second on the same server.
  redirect: ({ url }, response) => response.writeHead(302, { location: `/hop${url}` }).end(),
  hop: ({ url }, response) => response.writeHead(302, { location: `/last${url}` }).end(),
  // Refuses the first two attempts.
  flaky: (_, response, count) => response.writeHead(count < 3 ? 503 : 200).end('flaky'),
  // Cuts the connection of the first attempt.
  cut: ({ socket }, response, count) => (count < 2 ? socket.destroy() : response.end('whole')),
  // Goes away for good.
  vanish: ({ socket }) => {
    (socket as Socket & { readonly server: http.Server }).server.close();
    socket.destroy();
  },
  // Answers as a server that is shutting down, and goes away for good.
  farewell: ({ socket }, response) => {
    (socket as Socket & { readonly server: http.Server }).server.close();
    response.writeHead(503, { connection: 'close' }).end();
  },
  drop: ({ socket }) => socket.destroy(),
  slow: (_, response) => setTimeout(() => response.end('slow'), 20),
  close: (_, response) => response.writeHead(200, { connection: 'close' }).end('closed'),
};

export async function startWitness(): Promise<Witness> {
  const numbers = new WeakMap<Socket, number>();
  const seen = new Map<string, Seen[]>();
  const sockets = new Set<Socket>();
  const server = http.createServer((request, response) => {
    const { socket, url = '/' } = request;
    const number = numbers.get(socket) ?? 0;
    numbers.set(socket, number + 1);
    const all = seen.get(url) ?? [];
    seen.set(url, [...all, { port: socket.remotePort, number }]);
    const answer = ANSWERS[url.split(/[/?]/)[1] ?? ''];
    request.resume();
    request.on('end', () => (answer ? answer(request, response, all.length + 1) : response.end('ok')));
  });
  server.keepAliveTimeout = 0;
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  const port = await listen(server);
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${port}`, seen, sockets, asked: (target) => seen.get(target)?.length ?? 0 };
}

/** Where nothing listens. */
export async function closedUrl(): Promise<string> {
  return `http://127.0.0.1:${await closedPort()}`;
}

/** The target of the request that a span is about, as the server saw it. */
export function targetOf({ attributes }: EndedSpan): string {
  return `${String(attributes['url.path'])}${String(attributes['url.query'] ?? '')}`;
}

/** Holds what a span says of its connection (`detail: 'full'`) against what the server saw of that request's `attempt`. */
export function agrees(span: EndedSpan, witness: Witness, attempt = 0): void {
  const seen = witness.seen.get(targetOf(span))?.[attempt];
  assert.ok(seen, `the server never saw ${targetOf(span)}`);
  const { attributes } = span;
  assert.deepEqual(
    [attributes['network.local.port'], attributes['socket.reuse_count']],
    [seen.port, seen.number],
    targetOf(span),
  );
}
