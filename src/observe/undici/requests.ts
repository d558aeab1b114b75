import type { Closing } from '../../connection/closing';
import type { Connection } from '../../connection/connection';
import { announcedTimeoutMs } from '../../peer/keep-alive';
import { isEarly408 } from '../../verdict/evidence/early-408';
import { loopIdleMs, now } from '../process/clock';
import { finishSetup, finishSetups } from '../process/connect-timing';
import { countOpen, forgetOpen, learnFromIdleClosing } from '../process/open-connections';
import { intercept, subscribe, type Undo, undoAll } from '../process/patch';
import { noticeSpan, processState, remember, reporterOf, watchSpans } from '../process/process-state';
import { isSocket, type ObservedSocket, onDestroy } from '../process/socket';
import { carrierOf } from './carrier';
import { type ConnectMessage, observeUndiciConnections, track } from './connections';
import { forgetEndings, noteConnectError, noteEnding } from './endings';
import { UndiciExchange, type UndiciRequest } from './exchange';
import { failUndici } from './failure';
import { headerOf } from './headers';
import { addExchange, exchangesOn, firstOn, forgetInFlight, removeExchange } from './in-flight';
import { idleTimeoutMs, isLast } from './internals';

let exchanges = new WeakMap<object, UndiciExchange>();

/** Requests of undici and `fetch`, of all copies in the process, in the order in which they live. */
export function observeUndici(): Undo {
  exchanges = new WeakMap();
  return undoAll([
    observeUndiciConnections(),
    intercept('undici:request:create', onCreate, onCreated),
    subscribe('undici:client:sendHeaders', (message) => {
      const { request, socket, headers } = message as { request: UndiciRequest; socket: unknown; headers: unknown };
      const exchange = exchanges.get(request);
      if (exchange !== undefined && isSocket(socket)) onAcquire(exchange, socket, headers);
    }),
    // undici 7 and 8.
    on('undici:request:bodyChunkSent', (exchange) => exchange.attempt?.noteChunk(now())),
    on('undici:request:bodySent', (exchange) => {
      exchange.bodySent = true;
      exchange.attempt?.noteBodySent();
    }),
    on('undici:request:headers', (exchange, message) => {
      const { response } = message as { response: { statusCode: number; headers: unknown } };
      onHeaders(exchange, response.statusCode, response.headers);
    }),
    on('undici:request:trailers', onComplete),
    subscribe('undici:client:connectError', (message) => noteConnectError(message as ConnectMessage)),
    // The span ends in a subscriber of another, which may be earlier than any of ours.
    intercept('undici:request:error', (message) => {
      const { request, error } = message as { request: UndiciRequest; error: unknown };
      const exchange = exchanges.get(request);
      if (exchange !== undefined) onError(exchange, error);
    }),
    onDestroy(onSocketDestroyed),
    forgetEndings,
    forgetInFlight,
    () => finishSetups('undici'),
    () => forgetOpen('undici'),
  ]);
}

/** Subscribes to a channel about requests. */
function on(name: string, handler: (exchange: UndiciExchange, message: unknown) => void): Undo {
  return subscribe(name, (message) => {
    const exchange = exchanges.get((message as { request: UndiciRequest }).request);
    if (exchange !== undefined) handler(exchange, message);
  });
}

function onCreate(message: unknown): void {
  watchSpans();
  const { request } = message as { request: UndiciRequest };
  const exchange = new UndiciExchange(request, now());
  exchanges.set(request, exchange);
  const { url } = exchange;
  if (url !== undefined) exchange.origin = processState.origins.of(url.protocol, exchange.host, exchange.port);
  // A tunnel is part of the request that it is made for.
  exchange.silent = request.method === 'CONNECT';
}

/** Its CLIENT span, if it has one, was made by a subscriber. */
function onCreated(message: unknown): void {
  const exchange = exchanges.get((message as { request: UndiciRequest }).request);
  const own = exchange?.silent ? undefined : exchange;
  noticeSpan(own, own);
  if (own !== undefined && !own.silent && own.origin !== undefined) own.origin.isReported = true;
}

/** The headers are about to be written on this socket. A request that undici repeats by itself comes here again. */
function onAcquire(exchange: UndiciExchange, socket: ObservedSocket, head: unknown): void {
  if (exchange.socket === socket) return;
  const nowMs = now();
  const wallMs = Date.now();
  const isRepeated = exchange.attempt !== undefined;
  if (isRepeated) {
    finishOn(exchange);
    exchange.startOver();
  }
  const connection = processState.sockets.get(socket) ?? adopt(socket, exchange);
  const { kind, isDirect } = carrierOf(socket);
  // Peers behind different Unix sockets may have one URL.
  if (kind === 'pipe' && connection.origin !== undefined) exchange.origin = connection.origin;
  // A tunnel was made for its origin; until then it is the proxy's.
  else if (connection.uses === 0) connection.origin = exchange.origin;
  if (!exchange.silent && exchange.origin !== undefined) exchange.origin.isReported = true;
  if (!isRepeated) exchange.noteQueue(connection, nowMs, wallMs);
  exchange.acquire(connection, nowMs, wallMs);
  exchange.onSocket(socket, head);
  addExchange(connection, exchange);
  // Its writes do not pass our hook.
  if (exchange.multiplexed || !isDirect) exchange.wrote(nowMs, loopIdleMs());
  countOpen(connection);
  if (exchange.origin !== undefined) processState.origins.touch(exchange.origin);
}

/** A connection whose beginning was not seen: it is older than the observation. */
function adopt(socket: ObservedSocket, { origin }: UndiciExchange): Connection {
  const connection = track(socket, origin, now(), true);
  connection.uses = undefined;
  return connection;
}

/** Response headers. */
function onHeaders(exchange: UndiciExchange, statusCode: number, headers: unknown): void {
  const { connection, socket } = exchange;
  if (exchange.outcome !== 'open') return;
  if (statusCode < 200 && statusCode !== 101) {
    exchange.interim = true;
    exchange.attempt?.readOn();
    return;
  }
  exchange.statusCode = statusCode;
  if (isEarly408(exchange, statusCode, headerOf(headers, 'connection'), loopIdleMs())) {
    failUndici(exchange, undefined);
    return;
  }
  exchange.outcome = 'answered';
  exchange.answered = true;
  if (connection === undefined || socket === undefined) return;
  if (isPooled(exchange, socket)) exchange.clientTimeoutMs = exchange.multiplexed ? undefined : idleTimeoutMs(socket);
  if (exchange.method !== 'CONNECT')
    exchange.learn(announcedTimeoutMs(headerOf(headers, 'keep-alive')), now(), loopIdleMs());
  if (!exchange.silent) reporterOf('undici', exchange)?.succeeded(exchange);
}

/** The response is complete. undici pools the connection, unless one of both sides wants it closed, or took it over. */
function onComplete(exchange: UndiciExchange): void {
  exchange.complete = true;
  exchanges.delete(exchange.request);
  finishOn(exchange);
}

function onError(exchange: UndiciExchange, error: unknown): void {
  try {
    if (exchange.failure === undefined) failUndici(exchange, error);
    else remember(error, exchange.failure);
  } finally {
    finishOn(exchange, exchange.multiplexed);
  }
}

/** Whether undici keeps the connection for further requests. */
function isPooled(exchange: UndiciExchange, socket: ObservedSocket): boolean {
  return exchange.multiplexed || !isLast(socket);
}

/** The exchange is over on its connection, which lives on unless a request failed that had it alone. */
function finishOn(exchange: UndiciExchange, isAlive = true): void {
  const { connection, socket } = exchange;
  if (connection === undefined || socket === undefined) return;
  if (!removeExchange(connection, exchange)) return;
  if (exchange.origin !== undefined) exchange.origin.freedMs = now();
  const next = firstOn(connection);
  if (next !== undefined) {
    next.attempt?.readOn();
    // On HTTP/2 no write is anybody's in particular.
    if (connection.current === exchange && !exchange.multiplexed)
      connection.current = [...exchangesOn(connection)].at(-1);
    return;
  }
  if (connection.current === exchange) connection.current = undefined;
  if (!isAlive || socket.destroyed || exchange.isTakenOver || !isPooled(exchange, socket)) return;
  connection.clientTimeoutMs = exchange.multiplexed ? undefined : idleTimeoutMs(socket);
  connection.release(now(), Date.now(), loopIdleMs());
}

function onSocketDestroyed(connection: Connection, socket: ObservedSocket, closing: Closing): void {
  if (connection.transport !== 'undici') return;
  finishSetup(socket);
  noteEnding(connection, socket);
  const wasIdle = connection.isIdle;
  if (wasIdle) learnFromIdleClosing(connection, closing);
  connection.close(closing);
  if (connection.origin !== undefined) connection.origin.freedMs = closing.atMs;
  if (processState.open.delete(connection)) reporterOf('undici')?.closed(connection, wasIdle);
  for (const exchange of exchangesOn(connection)) exchange.attempt?.freeze();
}
