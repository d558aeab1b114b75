import { subscribe } from 'node:diagnostics_channel';
import http, { type ClientRequest } from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { exchange } from '../../support/peer';
import { COPIES, type Dispatcher, type Undici } from '../../support/undici-copies';

// The peers' certificate is self-signed, and the built-in fetch takes no options for that.
process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
process.removeAllListeners('warning');

/** The program gives the request up at that moment: its own timer fires, or it cancels. */
export interface GiveUp {
  readonly when: Promise<unknown>;
  readonly how: 'timeout' | 'cancel';
}

/** A client with a pool of its own for one server. */
export interface Client {
  /** One request to its end; resolves to its error, if it failed. */
  send(step: string, giveUp?: GiveUp): Promise<unknown>;
  /** The connections of its pool. */
  pooled(): Socket[];
  /** Closes the pool; undefined where nobody can. */
  readonly close: (() => Promise<unknown>) | undefined;
}

interface Target {
  readonly port: number;
  readonly secure: boolean;
}

type Make = (target: Target) => Client;

/** `maxSockets`: of the pool. */
function httpClient(maxSockets = Number.POSITIVE_INFINITY): Make {
  return (target) => {
    const agent = new (target.secure ? https : http).Agent({ keepAlive: true, maxSockets });
    return {
      async send(step, giveUp) {
        const tap = (request: ClientRequest) =>
          void giveUp?.when.then(() => {
            if (giveUp.how === 'timeout') request.setTimeout(1, () => request.destroy());
            else request.destroy();
          });
        return (await exchange(target, `/${step}`, { agent, tap })).error;
      },
      pooled: () =>
        [...Object.values(agent.freeSockets), ...Object.values(agent.sockets)].flatMap((sockets) => sockets ?? []),
      close: async () => agent.destroy(),
    };
  };
}

/** The client sockets of this process that are not closed. TLS ones are not told of on every Node. */
const sockets = new Set<Socket>();
subscribe('net.client.socket', (message) => {
  const { socket } = message as { readonly socket: Socket };
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
});

/** A connection is being made, perhaps one that no request waits for. */
export function isConnecting(): boolean {
  return [...sockets].some((socket) => socket.connecting);
}

/** Requests that undici began to write, by the port that they were for. */
export const written = new Map<number, number>();
subscribe('undici:client:sendHeaders', (message) => {
  const { request } = message as { readonly request: { readonly origin: string | URL } };
  const port = Number(new URL(request.origin).port);
  written.set(port, (written.get(port) ?? 0) + 1);
});

type Send = (url: string, signal: AbortSignal) => Promise<unknown>;

function undiciClient({ port }: Target, make: Send, close: Client['close']): Client {
  return {
    async send(step, giveUp) {
      const controller = new AbortController();
      void giveUp?.when.then(() =>
        controller.abort(giveUp.how === 'timeout' ? new DOMException('too late', 'TimeoutError') : undefined),
      );
      const error = await make(`http://127.0.0.1:${port}/${step}`, controller.signal).then(
        () => undefined,
        (reason) => reason ?? new Error('no reason'),
      );
      // The body ends before its connection is free.
      await new Promise(setImmediate);
      return error;
    },
    pooled: () => [...sockets].filter((socket) => socket.remotePort === port && !socket.destroyed),
    close,
  };
}

/** `connections`: of the pool. The idle timeout is longer than any run. */
function dispatcherOf(copy: Undici, connections: number | null): Dispatcher {
  return new copy.Agent({ connections, keepAliveTimeout: 600_000, keepAliveMaxTimeout: 600_000 });
}

function requestOf(copy: Undici, connections: number | null): Make {
  return (target) => {
    const dispatcher = dispatcherOf(copy, connections);
    const send: Send = async (url, signal) => (await copy.request(url, { dispatcher, signal })).body.text();
    return undiciClient(target, send, () => dispatcher.destroy());
  };
}

function fetchOf(copy: Undici): Make {
  return (target) => {
    const dispatcher = dispatcherOf(copy, null);
    const send: Send = async (url, signal) => (await copy.fetch(url, { dispatcher, signal })).text();
    return undiciClient(target, send, () => dispatcher.destroy());
  };
}

const nodeFetch: Make = (target) =>
  undiciClient(target, async (url, signal) => (await fetch(url, { signal })).text(), undefined);

export interface Kind {
  readonly name: string;
  readonly make: Make;
  readonly secure?: boolean;
  /** The most connections that its pool has, or that a run lets it have at once. */
  readonly limit?: number;
}

/** All clients of a run over several origins, in the order in which they come. */
export const KINDS: readonly Kind[] = [
  { name: 'http', make: httpClient() },
  { name: 'two connections of http', make: httpClient(2), limit: 2 },
  { name: "Node's fetch", make: nodeFetch, limit: 1 },
  ...COPIES.flatMap(({ name, copy }) => [
    { name: `request of ${name}`, make: requestOf(copy, null) },
    { name: `one connection of ${name}`, make: requestOf(copy, 1), limit: 1 },
    { name: `fetch of ${name}`, make: fetchOf(copy) },
  ]),
  { name: 'https', make: httpClient(), secure: true },
  { name: 'one connection of http', make: httpClient(1), limit: 1 },
];
