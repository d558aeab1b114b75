import type { Closing } from '../../connection/closing';
import type { Connection } from '../../connection/connection';
import { type ErrorFacts, errorFactsOf, property } from '../../verdict/evidence/error-facts';
import type { Evidence } from '../../verdict/evidence/evidence';
import { loopIdleMs, now } from '../process/clock';
import { reportFailure } from '../process/report-failure';
import { endpointsOf } from '../process/socket';
import type { UndiciExchange } from './exchange';
import { mayBeStream } from './http2-streams';
import { abortReasonOf } from './internals';

/** The connection that ended with an error: requests that had none yet fail with the same object. */
let endings = new WeakMap<object, Connection>();
/** Errors with which connecting failed. */
let connectErrors = new WeakSet<object>();

export function forgetEndings(): void {
  endings = new WeakMap();
  connectErrors = new WeakSet();
}

/** A connection ended with this error. */
export function noteEnding(connection: Connection, error: unknown): void {
  if (typeof error === 'object' && error !== null) endings.set(error, connection);
}

/** A client could not connect: all requests that wait for it fail with this error. */
export function noteConnectError(error: unknown): void {
  if (typeof error === 'object' && error !== null) connectErrors.add(error);
}

/** Collects the evidence on an exchange that just failed, gets the verdict, and reports it: once an exchange. */
export function failUndici(exchange: UndiciExchange, error: unknown): void {
  const nowMs = now();
  const isConnecting = connectErrors.has(error as object);
  if (exchange.connection === undefined) {
    exchange.multiplexed = mayBeStream(exchange);
    join(exchange, endings.get(error as object), nowMs);
  }
  const { connection, socket } = exchange;
  if (connection !== undefined && socket !== undefined) connection.endpoints ??= endpointsOf(socket);
  const reason = isConnecting ? undefined : reasonOf(exchange, error);
  const shape = isConnecting ? connectShape(error) : errorFactsOf(reason ?? error);
  const own = error === undefined ? undefined : ownClosing(exchange, shape, isConnecting, nowMs);
  const closing = connection?.closing ?? own;
  const evidence = {
    exchange,
    nowMs: connection?.closing?.atMs ?? nowMs,
    error: shape,
    closing,
    stage: stageOf(exchange, shape, isConnecting),
    progress: exchange.progress ?? exchange.progressNow,
    waitedMs: exchange.waitedMs(loopIdleMs()),
    statusCode: exchange.statusCode,
  };
  reportFailure('undici', evidence, error, reason);
}

/**
 * The connection that this request failed with, though nothing was written on it: one that could not be made, or a
 * pooled one that was found dead (undici looks before it writes).
 */
function join(exchange: UndiciExchange, connection: Connection | undefined, nowMs: number): void {
  if (connection === undefined) return;
  if (exchange.multiplexed || !connection.isEstablished || connection.stage !== 'ready') {
    exchange.connection = connection;
    return;
  }
  exchange.acquire(connection, nowMs, Date.now());
  exchange.dead = connection.closing ?? 'unseen';
}

/** Why the program aborted the request, where undici says no more than that it did. */
function reasonOf({ request }: UndiciExchange, error: unknown): unknown {
  return property(error, 'code') === 'UND_ERR_ABORTED' ? (abortReasonOf(request) ?? undefined) : undefined;
}

/** undici hands on why it could not connect; a proxy's part in it is told by codes of its own. */
function connectShape(error: unknown): ErrorFacts {
  const shape = errorFactsOf(error);
  if (shape.code === 'UND_ERR_ABORTED') return { ...shape, code: 'ERR_PROXY_TUNNEL', cancelled: false };
  return shape.code.startsWith('UND_ERR_PRX_') ? errorFactsOf(property(error, 'cause')) : shape;
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

function stageOf(
  { connection, multiplexed }: UndiciExchange,
  shape: ErrorFacts,
  isConnecting: boolean,
): Evidence['stage'] {
  if (shape.code === 'ERR_PROXY_TUNNEL') return 'proxy';
  if (connection !== undefined) return connection.stage;
  if (!isConnecting) return multiplexed ? 'ready' : 'queue';
  return /SSL|TLS|CERT|EPROTO/.test(shape.code) ? 'tls' : 'connect';
}
