import type { Closing } from '../../connection/closing';
import type { Connection } from '../../connection/connection';
import { announcedTimeoutMs } from '../../peer/keep-alive';
import { isEarly408 } from '../../verdict/evidence/early-408';
import { loopIdleMs, now } from '../process/clock';
import { finishAllSetups, finishSetup } from '../process/connect-timing';
import { countOpen, forgetOpen, learnFromIdleClosing } from '../process/open-connections';
import { intercept, subscribe, type Undo, undoAll } from '../process/patch';
import { noticeSpan, processState, remember, reporterOf } from '../process/process-state';
import { isSocket, type ObservedSocket, onDestroy } from '../process/socket';
import { exchangesOn, observeUndiciConnections, track } from './connections';
import { headerOf, UndiciExchange, type UndiciRequest } from './exchange';
import { failUndici, forgetEndings, noteConnectError, noteEnding } from './failure';
import { endStreams } from './http2-streams';
import { idleTimeoutMs, isLast } from './internals';

let exchanges = new WeakMap<object, UndiciExchange>();

/** Requests of undici and `fetch`, of all copies in the process, in the order in which they live. */
export function observeUndici(): Undo {
  exchanges = new WeakMap();
  return undoAll([
    observeUndiciConnections(),
    intercept('undici:request:create', onCreate),
    subscribe('undici:client:sendHeaders', (message) => {
      const { request, socket } = message as { request: UndiciRequest; socket: unknown };
      const exchange = exchanges.get(request);
      if (exchange !== undefined && isSocket(socket)) onAcquire(exchange, socket);
    }),
    on('undici:request:bodySent', (exchange) => {
      exchange.bodySent = true;
    }),
    on('undici:request:headers', (exchange, message) => {
      const { response } = message as { response: { statusCode: number; headers: unknown } };
      onHeaders(exchange, response.statusCode, response.headers);
    }),
    on('undici:request:trailers', onComplete),
    subscribe('undici:client:connectError', (message) => noteConnectError((message as { error: unknown }).error)),
    // The span ends in a subscriber of another, which may be earlier than any of ours.
    intercept('undici:request:error', (announce, message) => {
      const { request, error } = message as { request: UndiciRequest; error: unknown };
      const exchange = exchanges.get(request);
      if (exchange !== undefined) onError(exchange, error);
      announce();
    }),
    onDestroy(onSocketDestroyed),
    forgetEndings,
    finishAllSetups,
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

function onCreate(announce: () => void, message: unknown): void {
  const { request } = message as { request: UndiciRequest };
  const exchange = new UndiciExchange(request, now());
  exchanges.set(request, exchange);
  const { url } = exchange;
  if (url !== undefined) exchange.origin = processState.origins.of(url.protocol, exchange.host, exchange.port);
  // A tunnel is part of the request that it is made for.
  exchange.silent = request.method === 'CONNECT';
  if (exchange.silent) return;
  noticeSpan(exchange, exchange, announce);
  if (!exchange.silent && exchange.origin !== undefined) exchange.origin.isReported = true;
}

/** The headers are about to be written on this socket. A request that undici repeats by itself comes here again. */
function onAcquire(exchange: UndiciExchange, socket: ObservedSocket): void {
  if (exchange.socket === socket) return;
  const nowMs = now();
  const wallMs = Date.now();
  const { origin } = exchange;
  const isRepeated = exchange.socket !== undefined;
  if (isRepeated) {
    finishOn(exchange);
    exchange.startOver();
  }
  let connection = processState.sockets.get(socket);
  if (connection === undefined) {
    connection = track(socket, origin, true);
    connection.uses = undefined;
  }
  // A tunnel was made for its origin; until then it is the proxy's.
  if (connection.uses === 0) connection.origin = origin;
  const others = exchangesOn(connection);
  if (!isRepeated) exchange.noteQueue(connection, nowMs, wallMs);
  exchange.acquire(connection, nowMs, wallMs);
  exchange.onSocket(socket);
  others.push(exchange);
  if (exchange.multiplexed) exchange.wrote(nowMs, loopIdleMs());
  countOpen(connection);
  if (origin !== undefined) processState.origins.touch(origin);
}

/** Response headers. */
function onHeaders(exchange: UndiciExchange, statusCode: number, headers: unknown): void {
  const { connection, socket } = exchange;
  if (exchange.outcome !== 'open' || (statusCode < 200 && statusCode !== 101)) return;
  exchange.statusCode = statusCode;
  if (isEarly408(exchange, statusCode, headerOf(headers, 'connection'), loopIdleMs())) {
    failUndici(exchange, undefined);
    return;
  }
  exchange.outcome = 'answered';
  exchange.answered = true;
  if (connection === undefined || socket === undefined) return;
  const announcedMs = announcedTimeoutMs(headerOf(headers, 'keep-alive'));
  if (!isLast(socket)) exchange.clientTimeoutMs = exchange.multiplexed ? undefined : idleTimeoutMs(socket);
  else if (announcedMs !== undefined) exchange.isTooShortToPool = isTooShort(announcedMs, headers);
  if (exchange.method !== 'CONNECT') exchange.learn(announcedMs, now(), loopIdleMs());
  if (!exchange.silent) reporterOf('undici', exchange)?.succeeded(exchange);
}

/** What undici takes off the announced timeout, by default; nothing is left of a shorter one, and nothing is pooled. */
const THRESHOLD_MS = 2_000;

/** It is for the announced timeout that undici will close this connection, not because the peer asks for it. */
function isTooShort(announcedMs: number, headers: unknown): boolean {
  return announcedMs <= THRESHOLD_MS && headerOf(headers, 'connection')?.toLowerCase() !== 'close';
}

/** The response is complete. undici pools the connection, unless one of both sides wants it closed, or took it over. */
function onComplete(exchange: UndiciExchange): void {
  exchange.complete = true;
  exchanges.delete(exchange.request);
  finishOn(exchange);
}

function onError(exchange: UndiciExchange, error: unknown): void {
  if (exchange.failure === undefined) failUndici(exchange, error);
  else remember(error, exchange.failure);
  finishOn(exchange, exchange.multiplexed);
}

/** The exchange is over on its connection, which lives on unless a request failed that had it alone. */
function finishOn(exchange: UndiciExchange, isAlive = true): void {
  const { connection, socket } = exchange;
  if (connection === undefined || socket === undefined) return;
  const others = exchangesOn(connection);
  const index = others.indexOf(exchange);
  if (index < 0) return;
  others.splice(index, 1);
  if (exchange.origin !== undefined) exchange.origin.freedMs = now();
  if (connection.current === exchange) connection.current = others.at(-1);
  const [next] = others;
  if (next !== undefined) next.readAtAcquire = socket.bytesRead;
  else if (isAlive && !socket.destroyed && !isLast(socket) && !exchange.isTakenOver) {
    connection.clientTimeoutMs = exchange.multiplexed ? undefined : idleTimeoutMs(socket);
    connection.release(now(), Date.now(), loopIdleMs());
  }
}

function onSocketDestroyed(connection: Connection, socket: ObservedSocket, closing: Closing): void {
  if (connection.transport !== 'undici') return;
  finishSetup(socket);
  noteEnding(connection, socket.errored);
  const wasIdle = connection.isIdle;
  if (wasIdle) learnFromIdleClosing(connection, closing);
  connection.close(closing);
  endStreams(connection, closing.atMs);
  if (connection.origin !== undefined) connection.origin.freedMs = closing.atMs;
  if (processState.open.delete(connection)) reporterOf('undici')?.closed(connection, wasIdle);
  for (const exchange of exchangesOn(connection)) exchange.progress = exchange.progressNow;
}
