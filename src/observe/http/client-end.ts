import type { IncomingMessage } from 'node:http';
import type { Closing } from '../../connection/closing';
import type { Connection } from '../../connection/connection';
import { field } from '../../connection/field';
import { announcedTimeoutMs } from '../../peer/keep-alive';
import { isEarly408 } from '../../verdict/evidence/early-408';
import { isHangUp } from '../../verdict/evidence/own-error';
import { loopIdleMs, now, wallNow } from '../process/clock';
import { learnFromIdleClosing, reportClosed } from '../process/open-connections';
import { reportFault } from '../process/patch';
import { isDestroyedByClose } from '../process/program-frame';
import { noteServersError, rememberLater } from '../process/report-failure';
import { reporterOf } from '../process/reporters';
import { catchUp, finishSetup } from '../process/socket/connect-timing';
import { isSocket, type ObservedSocket } from '../process/socket/socket';
import { stageOn } from '../process/socket/stage';
import { HttpExchange, type ObservedRequest, type ObservedResponse } from './client-exchange';
import { awaitEnd, awaited, exchangeOf, forgetExchange, indexByRequest, noteEnd, socketOf } from './client-exchanges';
import { failExchange } from './client-failure';
import { stateOn } from './client-state';
import { isTooShortToPool, poolTimeoutMs } from './pool-timeout';

/** A message of the channel `http.client.response.finish`. */
export interface ResponseMessage {
  readonly request: ObservedRequest;
  readonly response: IncomingMessage;
}

/** Response headers arrived. */
export function onResponse(message: ResponseMessage): void {
  try {
    const { request, response } = message;
    onAnswer(request, response);
  } catch (fault) {
    reportFault(fault);
  }
}

function onAnswer(request: ObservedRequest, response: IncomingMessage): void {
  const stream = field(request, 'socket') ?? undefined;
  const exchange = exchangeOf(request, stream);
  if (exchange === undefined || exchange.outcome !== 'open') return;
  const { connection } = exchange;
  const socket = isSocket(stream) ? (stream as ObservedSocket) : undefined;
  const statusCode = field(response, 'statusCode') ?? 0;
  const nowMs = now();
  exchange.statusCode = statusCode;
  exchange.response = response;
  exchange.headersMs = nowMs;
  if (socket !== undefined) exchange.readAtHeaders = socket.bytesRead;
  if (socket !== undefined && connection !== undefined) catchUp(socket, connection);
  // The request was written, although that was not observed.
  if (exchange.writes === 0 && exchange.method !== 'CONNECT') connection?.wrote();
  if (exchange.mayBeProxyRefusal && (statusCode < 200 || statusCode > 299)) {
    exchange.isProxyRefusal = true;
    failExchange(exchange, undefined, undefined);
    return;
  }
  const loopIdleNowMs = loopIdleMs(nowMs);
  if (statusCode === 408 && isEarly408(exchange, statusCode, response.headers.connection, nowMs, loopIdleNowMs)) {
    failExchange(exchange, socket, undefined);
    return;
  }
  exchange.outcome = 'answered';
  exchange.answered = true;
  if (exchange.isUnpooled) awaitEnd(exchange);
  if (exchange.origin !== undefined) {
    const keepAlive = field(field(response, 'headers'), 'keep-alive');
    exchange.learn(announcedTimeoutMs(keepAlive), nowMs, loopIdleNowMs);
    if (exchange.clientTimeoutMs === undefined) notePool(exchange, String(keepAlive ?? ''));
  }
  if (connection !== undefined && !exchange.silent) reporterOf('httpClient', exchange)?.succeeded(exchange);
}

/** How long the agent will keep the connection. A connection that it kept before already has the value. */
function notePool(exchange: HttpExchange, keepAlive: string): void {
  const agent = field(exchange.request, 'agent');
  exchange.clientTimeoutMs = poolTimeoutMs(agent, keepAlive);
  if (exchange.clientTimeoutMs === undefined && isTooShortToPool(agent, keepAlive)) exchange.isTooShortToPool = true;
}

/** Every failure but a truncated response is handled here, before the request's own `'error'`. */
export function onError(request: ObservedRequest, error: unknown): void {
  const exchange = exchangeOf(request);
  if (exchange === undefined) return;
  if (exchange.failure !== undefined) {
    rememberLater(exchange, error, false);
    return;
  }
  const { response } = exchange;
  // The program has the whole answer, or the answer came before the upload was complete. Neither is a failed exchange.
  if (response?.complete && (response.readableEnded || !isUploaded(exchange))) return;
  failExchange(exchange, socketOf(request), error);
}

function isUploaded({ request, atEnd }: HttpExchange): boolean {
  return atEnd === undefined ? request.writableFinished : atEnd.progress.complete === true;
}

export function onSocketDestroyed(
  connection: Connection,
  socket: ObservedSocket,
  closing: Closing,
  exception?: unknown,
): void {
  if (connection.transport !== 'httpClient') return;
  finishSetup(socket);
  const exchange = connection.current instanceof HttpExchange ? connection.current : undefined;
  if (exchange !== undefined) {
    exchange.atEnd = stateOn(exchange, connection, socket, exception);
    // The request does not know its socket yet, and will fail without one.
    if (exchange.request.socket == null) indexByRequest(exchange);
  }
  if (stageOn(socket, connection, exception) === 'ready') connection.connectedUnseen();
  const wasIdle = connection.isIdle;
  if (wasIdle) learnFromIdleClosing(connection, closing);
  connection.close(closing);
  reportClosed(connection, wasIdle);
  if (exchange !== undefined && exchange.failure === undefined)
    endUnder(exchange, connection, socket, closing, exception);
}

/**
 * A connection was closed under an exchange. A truncated response is reported now, anything else with the request's
 * error, which follows.
 */
function endUnder(
  exchange: HttpExchange,
  connection: Connection,
  socket: ObservedSocket,
  closing: Closing,
  exception: unknown,
): void {
  const { response, isUpgraded } = exchange;
  if (response === undefined || isUpgraded) return;
  if (response.complete ? response.readableEnded : isDiscarded(exchange, closing, exception)) {
    forgetExchange(connection);
    return;
  }
  // For instance, bytes could not be parsed: the error that reports it follows immediately.
  if (response.complete || closing.how === 'unseen') {
    awaitEnd(exchange);
    return;
  }
  failExchange(exchange, socket, undefined);
}

/**
 * The program has what it asked for, and discards the rest: a redirect that it follows, or a response that has no body,
 * which is complete only a moment after its headers. A redirect whose bytes wait unread may also be left to a timer, or
 * to the end of the pool.
 */
function isDiscarded(
  { method, response, timedOutAtRead }: HttpExchange,
  { how, initiator }: Closing,
  exception: unknown,
): boolean {
  if (response === undefined || initiator !== 'local' || exception != null) return false;
  const { statusCode = 0, headers, readableLength } = response;
  const isRedirect = statusCode >= 300 && statusCode < 400 && headers.location !== undefined;
  if (isRedirect && readableLength > 0) return true;
  if (how !== 'request' || timedOutAtRead !== undefined) return false;
  return isRedirect || method === 'HEAD' || NO_BODY.has(statusCode) || headers['content-length'] === '0';
}

/** RFC 9110 section 6.4.1. */
const NO_BODY = new Set([204, 304]);

/**
 * A response is over, or a server's request. The error that the program gets for a truncated response is created after
 * the socket closed: it gets the same verdict.
 */
export function onMessageDestroyed(message: ObservedResponse, error: unknown): void {
  try {
    // Almost every response returns here.
    if (awaited === 0 && error == null) return;
    const req = field(message, 'req');
    if (req === undefined) noteServersError(error);
    else if (awaited > 0) onResponseDestroyed(message, req, error);
  } catch (fault) {
    reportFault(fault);
  }
}

function onResponseDestroyed(response: ObservedResponse, req: ObservedRequest, error: unknown): void {
  const exchange = exchangeOf(req);
  if (exchange === undefined) return;
  noteEnd(exchange);
  const { failure, connection } = exchange;
  if (failure !== undefined) rememberLater(exchange, error, isHangUp(error) && isDestroyedByClose());
  else if (response.complete) {
    exchange.endedMs = now();
    exchange.endedWallMs = wallNow();
    if (connection?.state === 'closed' && connection.current === exchange) forgetExchange(connection);
  } else if (connection?.closing?.how === 'unseen') failExchange(exchange, socketOf(req), error);
}
