import type { Closing } from '../../connection/closing';
import type { Connection } from '../../connection/connection';
import { type ErrorFacts, errorFactsOf, property } from '../../verdict/evidence/error-facts';
import type { Evidence, Progress, RequestProgress } from '../../verdict/evidence/evidence';
import { loopIdleMs, now } from '../process/clock';
import { reportFailure } from '../process/report-failure';
import { endpointsOf } from '../process/socket';
import { connectErrorOf, endingOf } from './endings';
import type { UndiciExchange } from './exchange';
import { speaksHttp2 } from './http2-origins';
import { firstOn } from './in-flight';
import { type AbortReason, abortReasonOf, isUntouched, sourceErrorOf } from './internals';
import { setupOf } from './setup-stage';

const NOTHING: Progress = { dispatched: undefined, received: 0, complete: false };

/** Collects the evidence on an exchange that just failed, gets the verdict, and reports it: once an exchange. */
export function failUndici(exchange: UndiciExchange, error: unknown): void {
  const nowMs = now();
  const connecting = connectErrorOf(error);
  if (connecting !== undefined) leaveClosed(exchange, connecting.origin);
  const ending = exchange.connection === undefined ? endingOf(error) : undefined;
  join(exchange, ending?.connection, nowMs);
  const { connection, socket, attempt } = exchange;
  if (connection !== undefined && socket !== undefined) connection.endpoints ??= endpointsOf(socket);
  const abort = connecting === undefined && error !== undefined ? abortReasonOf(exchange.request) : undefined;
  const reason = abort?.reason;
  const shape = connecting === undefined ? errorFactsOf(reason ?? error) : connectShape(error);
  const setup = setupOf(exchange, shape, connecting !== undefined, ending?.stage);
  exchange.multiplexed ||= connection === undefined && setup === undefined && mayBeWritten(exchange);
  const own = error === undefined ? undefined : ownClosing(exchange, shape, connecting !== undefined, nowMs);
  const endedMs = connection?.closing?.atMs ?? nowMs;
  const progress = attempt?.progress(exchange, firstOn(connection) === exchange) ?? NOTHING;
  const evidence: Evidence & { readonly exchange: UndiciExchange } = {
    exchange,
    nowMs: endedMs,
    error: shape,
    closing: connection?.closing ?? own,
    stage: setup ?? stageOf(exchange),
    progress: exchange.sentBefore ? { ...progress, complete: true } : progress,
    waitedMs: exchange.waitedMs(loopIdleMs()),
    statusCode: exchange.statusCode,
    unsent: isUnsent(exchange) || undefined,
    request: requestProgressOf(exchange, error, endedMs),
    paused: attempt?.response?.paused,
    interim: exchange.interim || undefined,
    failedAddress: shape.failedAddress ?? ending?.attempted,
    missingResponseBytes: exchange.answered ? attempt?.response?.missingBytes : undefined,
    handleless: attempt?.handleless || undefined,
    signalAborted: reason != null || undefined,
    abortReasonUnknown: isReasonHidden(exchange, shape, abort) || undefined,
  };
  reportFailure('undici', evidence, error, reason);
}

/** A request that was on a connection before waits for another one now, which could not be made. */
function leaveClosed(exchange: UndiciExchange, origin: Connection['origin']): void {
  if (exchange.attempt !== undefined) exchange.startOver();
  exchange.origin = origin ?? exchange.origin;
}

/**
 * The connection that this request failed with, though nothing was written on it: one that could not be made, or a
 * pooled one that was found dead (undici looks before it writes).
 */
function join(exchange: UndiciExchange, connection: Connection | undefined, nowMs: number): void {
  if (connection === undefined) return;
  const isStream = exchange.bodySent || speaksHttp2(connection.origin);
  if (isStream || !connection.isEstablished || connection.stage !== 'ready') {
    exchange.connection = connection;
    exchange.multiplexed ||= isStream && connection.stage === 'ready';
    return;
  }
  exchange.acquire(connection, nowMs, Date.now());
  exchange.dead = connection.closing ?? 'unseen';
}

/** undici hands on why it could not connect; a proxy's part in it is told by codes of its own. */
function connectShape(error: unknown): ErrorFacts {
  const shape = errorFactsOf(error);
  if (shape.code === 'UND_ERR_ABORTED') return { ...shape, code: 'ERR_PROXY_TUNNEL', cancelled: false };
  return shape.code.startsWith('UND_ERR_PRX_') ? errorFactsOf(property(error, 'cause')) : shape;
}

/**
 * Whether a request without a connection may have been written all the same: undici 6 does not say which requests it
 * writes on HTTP/2. Not if no client has begun with it, or if there is nothing but HTTP/1.1 to that origin.
 */
function mayBeWritten({ request, bodySent, origin, url }: UndiciExchange): boolean {
  if (bodySent) return true;
  return !isUntouched(request) && (url?.protocol !== 'http:' || speaksHttp2(origin));
}

/** Proof that nothing was sent: undici did not begin to write, or the bytes that it wrote are still counted as unsent. */
function isUnsent(exchange: UndiciExchange): boolean {
  const { attempt, multiplexed, wroteBefore, bodySent } = exchange;
  if (wroteBefore || multiplexed) return false;
  return attempt === undefined ? !bodySent : attempt.isUnsent(exchange);
}

/**
 * A request on HTTP/1.1 fails after its connection has ended. One that fails before was given up by our own process: it
 * was aborted, its body failed, or its client was destroyed.
 */
function ownClosing(
  { multiplexed }: UndiciExchange,
  { code, cancelled }: ErrorFacts,
  isConnecting: boolean,
  atMs: number,
): Closing | undefined {
  if (code === 'UND_ERR_DESTROYED' || code === 'UND_ERR_CLOSED') return { atMs, initiator: 'local', how: 'agent' };
  if (isConnecting || (multiplexed && !cancelled)) return undefined;
  return { atMs, initiator: 'local', how: 'request' };
}

function stageOf({ connection, multiplexed }: UndiciExchange): Evidence['stage'] {
  return connection !== undefined || multiplexed ? 'ready' : 'queue';
}

function requestProgressOf(exchange: UndiciExchange, error: unknown, nowMs: number): RequestProgress {
  const { attempt, bodySent, request } = exchange;
  return {
    ended: bodySent,
    missingBytes: attempt?.missingBytes,
    quietMs: bodySent ? undefined : attempt?.quietMs(nowMs),
    abandoned: error != null && sourceErrorOf(request) === error,
  };
}

/**
 * The error says no more than that the request was aborted, and why is kept where we cannot look: `fetch` does so before
 * it has a connection, and a handler of another copy of undici always.
 */
function isReasonHidden({ attempt }: UndiciExchange, shape: ErrorFacts, abort: AbortReason | undefined): boolean {
  if (abort !== undefined || shape.deadline) return false;
  return shape.code === 'UND_ERR_ABORTED' || (shape.cancelled && attempt === undefined);
}
