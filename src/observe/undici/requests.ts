import type { Closing } from '../../connection/closing';
import type { Connection } from '../../connection/connection';
import { announcedTimeoutMs } from '../../peer/keep-alive';
import { isMadeByUndici } from '../../verdict/evidence/codes';
import { isEarly408 } from '../../verdict/evidence/early-408';
import { errorFactsOf } from '../../verdict/evidence/error-facts';
import { loopIdleMs, now } from '../process/clock';
import { forgetReported, learnFromIdleClosing, reportClosed } from '../process/open-connections';
import { intercept, reportFault, subscribe, subscribeUnguarded, type Undo, undoAll } from '../process/patch';
import { UNDICI } from '../process/private-members';
import { processState } from '../process/process-state';
import { read } from '../process/read-private';
import { rememberLater } from '../process/report-failure';
import { noticeSpan, reporterOf, watchSpans } from '../process/reporters';
import { finishSetup, finishSetups } from '../process/socket/connect-timing';
import { isSocket, type ObservedSocket, onDestroy } from '../process/socket/socket';
import { type ConnectMessage, observeUndiciConnections } from './connections';
import { UndiciExchange, type UndiciRequest } from './exchange';
import { exchangeOf, forgetExchanges, forgetLatest, indexByRequest, unindex } from './exchanges';
import { forgetAttempts, noteAnswered } from './failure/attempts';
import { forgetConnectionErrors, noteClosedWithError, noteConnectError } from './failure/connection-errors';
import { isDiscarded } from './failure/discarded';
import { failUndici } from './failure/failure';
import { headerOf, isTooShortToPool } from './headers';
import { finishOn, notePoolTimeout, onAcquire, onForeign } from './on-connection';
import { forgetRequestOrigins } from './request-origin';
import { forgetUndiciConnections, usedByUndici } from './undici-connection';

/** Observes requests of undici and `fetch`, of all copies in the process, in the order of their life. */
export function observeUndici(): Undo {
  forgetExchanges();
  return undoAll([
    observeUndiciConnections(),
    intercept('undici:request:create', onCreate, onCreated),
    subscribeUnguarded('undici:client:sendHeaders', onSendHeaders),
    subscribeUnguarded('undici:request:bodySent', onBodySent),
    subscribeUnguarded('undici:request:headers', onHeaders),
    subscribeUnguarded('undici:request:trailers', onTrailers),
    subscribe<ConnectMessage>('undici:client:connectError', noteConnectError),
    // Another subscriber ends the span, and it may come before any of ours.
    intercept('undici:request:error', onError),
    onDestroy(onSocketDestroyed),
    forgetConnectionErrors,
    forgetAttempts,
    forgetUndiciConnections,
    () => processState.origins.forgetUse(),
    forgetRequestOrigins,
    () => finishSetups('undici'),
    () => forgetReported('undici'),
    () => {
      UndiciExchange.ended = undefined;
      forgetExchanges();
    },
  ]);
}

/** The message of every channel about a request. */
interface RequestMessage {
  readonly request: UndiciRequest;
}

interface SendHeadersMessage extends RequestMessage {
  readonly socket: unknown;
  readonly headers: unknown;
}

interface HeadersMessage extends RequestMessage {
  readonly response: { readonly statusCode: number; readonly headers: unknown };
}

/** Returns the exchange that it begins. */
function onCreate(message: unknown): UndiciExchange {
  watchSpans();
  const { request } = message as RequestMessage;
  const exchange = new UndiciExchange(request, now());
  indexByRequest(exchange);
  // A tunnel is part of the request that needs it.
  if (request.method === 'CONNECT') exchange.silent = true;
  return exchange;
}

/** A subscriber created its CLIENT span, if it has one. */
function onCreated(exchange: UndiciExchange | undefined): void {
  const own = exchange?.silent ? undefined : exchange;
  noticeSpan(own, own);
  if (own !== undefined && !own.silent && own.origin !== undefined) own.origin.isReported = true;
}

function onSendHeaders(message: SendHeadersMessage): void {
  try {
    const { request, socket, headers } = message;
    const exchange = exchangeOf(request);
    if (exchange === undefined) return;
    const known = processState.sockets.get(socket as object);
    if (known !== undefined || isSocket(socket)) onAcquire(exchange, socket as ObservedSocket, known, headers);
    else onForeign(exchange);
  } catch (error) {
    reportFault(error);
  }
}

function onBodySent(message: RequestMessage): void {
  try {
    const { request } = message;
    const exchange = exchangeOf(request);
    if (exchange === undefined) return;
    exchange.bodySent = true;
    exchange.attempt?.noteBodySent();
  } catch (error) {
    reportFault(error);
  }
}

function onHeaders(message: HeadersMessage): void {
  try {
    const { request, response } = message;
    const exchange = exchangeOf(request);
    if (exchange?.outcome === 'open') onResponse(exchange, response.statusCode, response.headers);
  } catch (error) {
    reportFault(error);
  }
}

/**
 * The response is complete. undici pools the connection, unless one side wants it closed, or the program took it over.
 */
function onTrailers(message: RequestMessage): void {
  try {
    const { request } = message;
    const exchange = exchangeOf(request);
    if (exchange === undefined) return;
    unindex(request);
    finishOn(exchange);
    // On HTTP/2 it may still hold the connection.
    if (exchange.multiplexed) exchange.attempt = undefined;
    else exchange.end();
  } catch (error) {
    reportFault(error);
  }
}

/** Response headers arrived. */
function onResponse(exchange: UndiciExchange, statusCode: number, headers: unknown): void {
  const { attempt, connection } = exchange;
  const nowMs = now();
  const loopIdleNowMs = loopIdleMs(nowMs);
  if (statusCode < 200 && statusCode !== 101) {
    exchange.interim = true;
    attempt?.readOn();
    return;
  }
  exchange.statusCode = statusCode;
  if (statusCode === 408 && isEarly408(exchange, statusCode, headerOf(headers, 'connection'), nowMs, loopIdleNowMs)) {
    failUndici(exchange, undefined);
    return;
  }
  exchange.outcome = 'answered';
  exchange.answered = true;
  if (statusCode >= 300) {
    noteAnswered(exchange);
    if (statusCode < 400 && headerOf(headers, 'location') !== undefined) exchange.isRedirect = true;
  }
  if (connection === undefined || attempt === undefined) return;
  const keepAlive = headerOf(headers, 'keep-alive', attempt.state.keepAlive);
  const announcedMs = announcedTimeoutMs(keepAlive);
  if (exchange.multiplexed) exchange.clientTimeoutMs = undefined;
  else if (read(attempt.socket, UNDICI.reset) !== true) notePoolTimeout(exchange, attempt, keepAlive);
  else if (isTooShortToPool(announcedMs, headers)) exchange.isTooShortToPool = true;
  if (exchange.method !== 'CONNECT') exchange.learn(announcedMs, nowMs, loopIdleNowMs);
  if (!exchange.silent) reporterOf('undici', exchange)?.succeeded(exchange);
}

function onError(message: unknown): void {
  const { request, error } = message as RequestMessage & { readonly error: unknown };
  const exchange = exchangeOf(request);
  if (exchange === undefined) return;
  try {
    if (isDiscarded(exchange, error)) return;
    if (exchange.failure === undefined) failUndici(exchange, error);
    else rememberLater(exchange, error, isMadeByUndici(errorFactsOf(error)));
  } finally {
    finishOn(exchange, exchange.multiplexed);
    // An error that is kept must not keep a socket alive.
    exchange.attempt = undefined;
    forgetLatest();
  }
}

function onSocketDestroyed(connection: Connection, socket: ObservedSocket, closing: Closing): void {
  if (connection.transport !== 'undici') return;
  finishSetup(socket);
  noteClosedWithError(connection, socket);
  const wasIdle = connection.isIdle;
  if (wasIdle) learnFromIdleClosing(connection, closing);
  connection.close(closing);
  if (connection.origin !== undefined) connection.origin.freedMs = closing.atMs;
  reportClosed(connection, wasIdle);
  for (const exchange of usedByUndici(connection)?.exchanges ?? []) exchange.attempt?.freeze();
}
