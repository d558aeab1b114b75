import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { listen } from '../../support/fresh-port';
import { tlsFixture } from '../../support/root';

/** What a server saw of one request. */
interface Seen {
  readonly step: string;
  /** It was not the first on its connection. */
  readonly reused: boolean;
  /** Since the last answer on its connection, ms. */
  readonly idleMs: number;
}

/** What it knows of an open connection. */
interface Open {
  requests: number;
  answeredMs: number;
}

/** A server that does what the path says and remembers all that it saw: the ground truth of a run. */
export interface Witness {
  readonly port: number;
  readonly secure: boolean;
  /** The idle timeout that it announces. */
  readonly hint: string;
  readonly seen: readonly Seen[];
  /** Connections that it accepted, over TLS with their handshake, and the times for which those lasted that are over. */
  readonly accepted: number;
  readonly lifetimesMs: readonly number[];
  readonly open: number;
  /** Open connections without a request yet: undici makes one anew after a failure, which no request waits for. */
  readonly spare: number;
  /** Connections that the client closed while they had no request. */
  readonly abandoned: number;
  /** How many requests it holds. */
  readonly held: number;
  /** Waits for the next request of this kind. */
  arrived(step: string): Promise<unknown>;
  /** Answers the requests that it holds. */
  release(): void;
  /** Ends all connections between requests; whoever sends in the same tick cannot know. */
  endAll(): void;
  /** The connections that it or the client gave up are closed. */
  settled(): Promise<void>;
  /** All connections are closed. */
  drained(): Promise<void>;
  /** Ends what is still open, too: a run that failed. */
  stop(): void;
}

/** `now`: the clock of the run. */
export async function startWitness({ secure = false, hint = '', now = Date.now } = {}): Promise<Witness> {
  const open = new Map<Socket, Open>();
  const doomed = new Set<Socket>();
  const seen: Seen[] = [];
  const lifetimesMs: number[] = [];
  const held: ServerResponse[] = [];
  let accepted = 0;
  let abandoned = 0;
  const identity = { key: tlsFixture('key.pem'), cert: tlsFixture('cert.pem') };
  const server = secure ? https.createServer(identity) : http.createServer();
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    const step = String(request.url).slice(1);
    const connection = open.get(socket);
    if (connection === undefined) throw new Error('a request on no connection');
    seen.push({ step, reused: connection.requests > 0, idleMs: now() - connection.answeredMs });
    connection.requests += 1;
    connection.answeredMs = now();
    if (hint !== '') response.setHeader('Keep-Alive', hint);
    if (!['ok', 'hold'].includes(step)) doomed.add(socket);
    if (step === 'drop-fin') socket.end();
    else if (step === 'drop-rst') secure ? socket.destroy() : socket.resetAndDestroy();
    else if (step === 'cut') response.writeHead(200, { 'content-length': 100 }).write('half', () => socket.end());
    else if (step === 'hold') held.push(response);
    else if (step === 'ok') response.end('ok');
    server.emit(`arrived ${step}`);
  });
  server.keepAliveTimeout = 0;
  server.on(secure ? 'secureConnection' : 'connection', (socket: Socket) => {
    accepted += 1;
    const sinceMs = now();
    const connection = { requests: 0, answeredMs: sinceMs };
    open.set(socket, connection);
    socket.on('close', () => {
      lifetimesMs.push(now() - sinceMs);
      open.delete(socket);
      if (!doomed.has(socket)) abandoned += 1;
      doomed.delete(socket);
      server.emit('settled');
    });
  });
  const port = await listen(server);
  return {
    port,
    secure,
    hint,
    seen,
    lifetimesMs,
    get accepted() {
      return accepted;
    },
    get open() {
      return open.size;
    },
    get spare() {
      return [...open.values()].filter(({ requests }) => requests === 0).length;
    },
    get abandoned() {
      return abandoned;
    },
    get held() {
      return held.length;
    },
    arrived: (step) => once(server, `arrived ${step}`),
    release() {
      for (const response of held.splice(0)) response.end('ok');
    },
    endAll() {
      for (const socket of open.keys()) {
        doomed.add(socket);
        socket.destroy();
      }
    },
    async settled() {
      while (doomed.size > 0) await once(server, 'settled');
    },
    async drained() {
      while (open.size > 0) await once(server, 'settled');
    },
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
