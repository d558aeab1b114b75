import type { Closing } from '../../connection/closing';
import type { Connection } from '../../connection/connection';
import { announcedTimeoutMs } from '../../peer/keep-alive';
import { isEarly408 } from '../../verdict/evidence/early-408';
import { errorFactsOf } from '../../verdict/evidence/error-facts';
import { loopIdleMs, now } from '../process/clock';
import { forgetOpen, learnFromIdleClosing } from '../process/open-connections';
import { intercept, subscribe, type Undo, undoAll } from '../process/patch';
import { noticeSpan, processState, remember, reporterOf, watchSpans } from '../process/process-state';
import { finishSetup, finishSetups } from '../process/socket/connect-timing';
import { isSocket, type ObservedSocket, onDestroy } from '../process/socket/socket';
import { type ConnectMessage, observeUndiciConnections } from './connections';
import { UndiciExchange, type UndiciRequest } from './exchange';
import { forgetEndings, noteConnectError, noteEnding } from './failure/endings';
import { failUndici } from './failure/failure';
import { headerOf, isTooShortToPool } from './headers';
import { exchangesOn, forgetInFlight } from './in-flight';
import { abortReasonOf, idleTimeoutMs } from './internals';
import { finishOn, isPooled, onAcquire, onForeign } from './on-connection';
import { forgetRequestOrigins } from './request-origin';

let exchanges = new WeakMap<object, UndiciExchange>();

/** Observes requests of undici and `fetch`, of all copies in the process, in the order of their life. */
export function observeUndici(): Undo {
  exchanges = new WeakMap();
  return undoAll([
    observeUndiciConnections(),
    intercept('undici:request:create', onCreate, onCreated),
    subscribe('undici:client:sendHeaders', (message) => {
      const { request, socket, headers } = message as { request: UndiciRequest; socket: unknown; headers: unknown };
      const exchange = exchanges.get(request);
      if (exchange === undefined) return;
      if (isSocket(socket)) onAcquire(exchange, socket, headers);
      else onForeign(exchange);
    }),
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
    // Another subscriber ends the span, and it may come before any of ours.
    intercept('undici:request:error', (message) => {
      const { request, error } = message as { request: UndiciRequest; error: unknown };
      const exchange = exchanges.get(request);
      if (exchange !== undefined) onError(exchange, error);
    }),
    onDestroy(onSocketDestroyed),
    forgetEndings,
    forgetInFlight,
    forgetRequestOrigins,
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
  // A tunnel is part of the request for which it is made.
  if (request.method === 'CONNECT') exchange.silent = true;
}

/** A subscriber created its CLIENT span, if it has one. */
function onCreated(message: unknown): void {
  const exchange = exchanges.get((message as { request: UndiciRequest }).request);
  const own = exchange?.silent ? undefined : exchange;
  noticeSpan(own, own);
  if (own !== undefined && !own.silent && own.origin !== undefined) own.origin.isReported = true;
}

/** Response headers arrived. */
function onHeaders(exchange: UndiciExchange, statusCode: number, headers: unknown): void {
  const { connection, socket } = exchange;
  if (exchange.outcome !== 'open') return;
  const waitedMs = loopIdleMs();
  if (statusCode < 200 && statusCode !== 101) {
    exchange.interim = true;
    exchange.attempt?.readOn();
    return;
  }
  exchange.statusCode = statusCode;
  if (statusCode === 408 && isEarly408(exchange, statusCode, headerOf(headers, 'connection'), waitedMs)) {
    failUndici(exchange, undefined);
    return;
  }
  exchange.outcome = 'answered';
  exchange.answered = true;
  if (statusCode >= 300 && statusCode < 400 && headerOf(headers, 'location') !== undefined) exchange.isRedirect = true;
  if (connection === undefined || socket === undefined) return;
  const announcedMs = announcedTimeoutMs(headerOf(headers, 'keep-alive'));
  if (isPooled(exchange, socket)) exchange.clientTimeoutMs = exchange.multiplexed ? undefined : idleTimeoutMs(socket);
  else if (isTooShortToPool(announcedMs, headers)) exchange.isTooShortToPool = true;
  if (exchange.method !== 'CONNECT') exchange.learn(announcedMs, now(), waitedMs);
  if (!exchange.silent) reporterOf('undici', exchange)?.succeeded(exchange);
}

/**
 * The response is complete. undici pools the connection, unless one side wants it closed, or the program took it over.
 */
function onComplete(exchange: UndiciExchange): void {
  exchanges.delete(exchange.request);
  finishOn(exchange);
  exchange.attempt = undefined;
}

function onError(exchange: UndiciExchange, error: unknown): void {
  try {
    if (isDiscarded(exchange, error)) return;
    if (exchange.failure === undefined) failUndici(exchange, error);
    else remember(error, exchange.failure);
  } finally {
    finishOn(exchange, exchange.multiplexed);
    // An error that is kept must not keep a socket alive.
    exchange.attempt = undefined;
  }
}

/** The program discards the body of a redirect; nothing else aborted it. */
function isDiscarded({ isRedirect, connection, request }: UndiciExchange, error: unknown): boolean {
  if (!isRedirect || connection?.closing !== undefined) return false;
  const { cancelled, deadline } = errorFactsOf(error);
  return cancelled && !deadline && abortReasonOf(request)?.reason == null;
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
