import type { Closing } from '../../../connection/closing';
import type { Connection } from '../../../connection/connection';
import { property } from '../../../verdict/evidence/error-facts';
import {
  type Evidence,
  NO_PROGRESS,
  type Progress,
  type RequestProgress,
  UNKNOWN_PROGRESS,
} from '../../../verdict/evidence/evidence';
import { blindForMs, loopIdleMs, now, pollsSince, wallNow } from '../../process/clock';
import { processState } from '../../process/process-state';
import { reportFailure } from '../../process/report-failure';
import { endpointsOf } from '../../process/socket/socket';
import type { UndiciExchange } from '../exchange';
import { abortReasonOf, isUntouched, isWhole } from '../internals';
import { detach } from '../on-connection';
import { protocolOf } from '../protocols';
import { usedByUndici } from '../undici-connection';
import { joinAttempts } from './attempts';
import { type ClosedWithError, closingBehind, connectErrorOn, mayBeTakenBack } from './connection-errors';
import { givenUp, isOfProgram } from './given-up';
import { reportedEndOf } from './reported-end';
import { isReasonHidden } from './request-error-facts';
import { mayBeWritten, setupOf } from './setup-stage';

/** Collects the evidence on an exchange that just failed, gets the verdict, and reports it, once per exchange. */
export function failUndici(exchange: UndiciExchange, error: unknown): void {
  const nowMs = now();
  const connecting = connectErrorOn(exchange, error);
  const isConnecting = connecting !== undefined;
  if (isConnecting) detachFromClosed(exchange, connecting.origin);
  const abort = !isConnecting && error !== undefined ? abortReasonOf(exchange.request) : undefined;
  const isSignalled = abort?.reason != null;
  const ending = isSignalled ? undefined : closingBehind(exchange, error, isConnecting);
  // A connector that fails may have had a connection, to a proxy: the request never did.
  if (!isConnecting || ending?.stage !== 'ready') join(exchange, ending, nowMs);
  const { connection, socket, attempt, foreign } = exchange;
  if (connection !== undefined && socket !== undefined) connection.endpoints ??= endpointsOf(socket);
  const reported = reportedEndOf(exchange, error, isConnecting, abort);
  const { facts, isOfSource, mayBeOfSink } = reported;
  const isAborted = isSignalled || facts.cancelled || facts.deadline;
  const setup = setupOf(exchange, facts, isConnecting, isAborted, ending);
  const isUnclear = connection === undefined && setup === undefined && !foreign;
  exchange.multiplexed ||= isUnclear && mayBeWritten(exchange, isAborted);
  const isOwn = reported.isOwn && (isSignalled || !mayBeTakenBack(exchange, error));
  const own = isOwn ? givenUp(exchange, reported, abort, nowMs) : undefined;
  // Whether its signal or its body's source ended a fetch request is not visible, nor whether a failing source destroys
  // what `pipeline` returned, or the program does. The source of one that was not begun was not read.
  const isAborter = isSignalled || abort === undefined || mayBeOfSink || isUntouched(exchange.request);
  const isByProgram = own?.closing?.how === 'request' && !isOfSource && isAborter;
  const hasOwnReason = (isByProgram && isOfProgram(reported.why)) || undefined;
  const stage = setup ?? waitingStageOf(exchange);
  // Other requests held the connections while this one waited.
  if (stage === 'queue' && (exchange.origin?.freedMs ?? 0) > exchange.createdMs)
    exchange.queueMs = nowMs - exchange.createdMs;
  const endedMs = connection?.closing?.atMs ?? nowMs;
  const isStreamRefused = reported.why === error && !isSignalled && !isOfSource && isRefusedStream(exchange, error);
  const closing = peersClosingOf(exchange) ?? own?.closing;
  const isOfSink = reported.isOfSink && isOfProgram(reported.why);
  const isHidden = reported.isSinkHidden || isReasonHidden(exchange, facts, abort);
  const evidence: Evidence & { readonly exchange: UndiciExchange } = {
    exchange,
    nowMs: endedMs,
    error: facts,
    closing,
    stage,
    progress: progressOf(exchange),
    waitedMs: exchange.waitedSinceWriteMs(loopIdleMs(nowMs)),
    blindMs: blindForMs(nowMs),
    polls: pollsSince(exchange.pollsAtWrite),
    statusCode: exchange.statusCode,
    unsent: isUnsent(exchange) || undefined,
    request: { ...requestProgressOf(exchange, own?.abandoned === true, endedMs), mayBeCancelled: hasOwnReason },
    programsError: hasOwnReason || isOfSink || closing?.withError,
    paused: attempt?.response?.paused,
    interim: exchange.interim || isInterimRefused(exchange) || undefined,
    connectTarget: connecting?.connectTarget,
    failedAddress: facts.failedAddress ?? ending?.attempted,
    missingResponseBytes: exchange.answered ? attempt?.response?.missingBytes : undefined,
    handleless: foreign || attempt?.handleless || undefined,
    signalAborted: isSignalled || undefined,
    streamRefused: isStreamRefused || undefined,
    abortReasonUnknown: isHidden || undefined,
  };
  reportFailure('undici', evidence, error, reported.why);
  joinAttempts(exchange, error);
}

/** A request that was already on a connection waited for another one, which could not be established. */
function detachFromClosed(exchange: UndiciExchange, origin: Connection['origin']): void {
  if (exchange.attempt !== undefined || exchange.foreign) detach(exchange);
  // Begun but never observed on a socket: undici 6 does so on HTTP/2.
  else if (!isUntouched(exchange.request)) exchange.wroteBefore = true;
  exchange.origin = origin ?? exchange.origin;
}

/**
 * The connection with which this request failed, although nothing was written on it: one that could not be established,
 * or a pooled one that was found dead (undici checks before it writes).
 */
function join(exchange: UndiciExchange, ending: ClosedWithError | undefined, nowMs: number): void {
  if (ending === undefined) return;
  const { connection } = ending;
  const isStream = exchange.bodySent || protocolOf(connection.origin) === 'h2';
  const isReady = connection.isEstablished && connection.stage === 'ready';
  if (isStream || !isReady || ending.stage !== 'ready') {
    exchange.connection = connection;
    exchange.multiplexed ||= isStream && connection.stage === 'ready';
    return;
  }
  exchange.acquire(connection, nowMs, wallNow());
  exchange.dead = connection.closing ?? 'unseen';
}

/**
 * Proof that nothing was sent: undici did not begin to write, or the bytes that it wrote are still counted as unsent.
 */
function isUnsent(exchange: UndiciExchange): boolean {
  const { attempt, multiplexed, foreign, wroteBefore, bodySent } = exchange;
  if (wroteBefore || multiplexed || foreign) return false;
  return attempt === undefined ? !bodySent : attempt.isUnsent(exchange);
}

/**
 * How the connection was closed. Undefined if undici rejected what the peer sent, and destroyed the connection with its
 * own error: then the peer has not closed it.
 */
function peersClosingOf(exchange: UndiciExchange): Closing | undefined {
  return isRefused(exchange) ? undefined : exchange.connection?.closing;
}

/** undici refused what the peer sent for this exchange: without an answer a 100, of which it publishes no headers. */
function isRefused({ connection, attempt, multiplexed }: UndiciExchange): boolean {
  return connection?.closing?.how === 'guard' && attempt !== undefined && !multiplexed;
}

/** What it refused came before the final answer. */
function isInterimRefused(exchange: UndiciExchange): boolean {
  return isRefused(exchange) && !exchange.answered;
}

/** NGHTTP2_REFUSED_STREAM: the peer says that it did not process the stream; also above the last one of a GOAWAY. */
const REFUSED_STREAM = 7;

/**
 * A field shows that the peer refused the stream: undici 8 adds it to Node's error, earlier versions have the code only
 * in the message. An answer contradicts it. The program may end other requests with the error of a refused one.
 */
function isRefusedStream({ statusCode, interim, connection, origin }: UndiciExchange, error: unknown): boolean {
  if (statusCode !== undefined || interim || property(error, 'code') !== 'ERR_HTTP2_STREAM_ERROR') return false;
  if (protocolOf(connection?.origin ?? origin) !== 'h2' || processState.failures.has(error as object)) return false;
  return property(error, 'http2ErrorCode') === REFUSED_STREAM;
}

/**
 * Without a connection it waited for one: for a new one if a client began to connect after any was free, otherwise for
 * one that others held.
 */
function waitingStageOf(exchange: UndiciExchange): Evidence['stage'] {
  const { connection, multiplexed, foreign, origin, createdMs, hasOwnConnect } = exchange;
  if (connection !== undefined || multiplexed || foreign) return 'ready';
  if (hasOwnConnect) return 'connect';
  if (origin === undefined || origin.inUse > 0 || origin.freedMs > createdMs) return 'queue';
  return origin.connectingMs > origin.freedMs ? 'connect' : 'queue';
}

function progressOf(exchange: UndiciExchange): Progress {
  const { attempt, connection, sentBefore, multiplexed, foreign, bodySent } = exchange;
  const isSomewhere = multiplexed || (foreign && bodySent);
  const progress =
    attempt?.progress(exchange, usedByUndici(connection)?.first === exchange) ??
    (isSomewhere ? UNKNOWN_PROGRESS : NO_PROGRESS);
  return {
    ...progress,
    ...(sentBefore && { complete: true }),
    ...(isInterimRefused(exchange) && { received: 0 }),
  };
}

function requestProgressOf(exchange: UndiciExchange, abandoned: boolean, nowMs: number): RequestProgress {
  const { attempt, bodySent, firstWriteMs, multiplexed, request } = exchange;
  const lastWriteMs = multiplexed || attempt?.isQueued !== false ? undefined : exchange.connection?.lastWriteMs;
  const isQuiet = !bodySent && lastWriteMs !== undefined && firstWriteMs !== undefined;
  return {
    ended: bodySent || (isUntouched(request) && isWhole(request)),
    missingBytes: attempt?.missingBytes,
    queued: attempt?.isQueued,
    quietMs: isQuiet ? nowMs - Math.max(lastWriteMs, firstWriteMs) : undefined,
    abandoned,
  };
}
