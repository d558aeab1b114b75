import type { Connection } from '../../../connection/connection';
import type { Origin } from '../../../peer/origin';
import { errorFactsOf, type FailedAddress, property } from '../../../verdict/evidence/error-facts';
import type { ConnectTarget, Evidence } from '../../../verdict/evidence/evidence';
import { isTls } from '../../../verdict/evidence/tls-codes';
import { microtask } from '../../process/clock';
import { UNDICI } from '../../process/private-members';
import { read } from '../../process/read-private';
import { isOfAnother } from '../../process/report-failure';
import { attemptedLast } from '../../process/socket/connect-timing';
import type { ObservedSocket } from '../../process/socket/socket';
import { stageOn } from '../../process/socket/stage';
import { isOfTunnel } from '../../process/verdict-by-error';
import { type ConnectMessage, pipeOf, portOf } from '../connections';
import type { UndiciExchange } from '../exchange';
import { abortReasonOf, isBegun } from '../internals';

/** A client failed to connect, in the current synchronous call. */
export interface ConnectError {
  readonly error: unknown;
  /** The peer; undefined: the peer of its requests. */
  readonly origin: Origin | undefined;
  /** What the connector was asked to connect to; the proxy if there was one. */
  readonly connectTarget: ConnectTarget;
}

/** How a connection was closed. */
export interface ClosedWithError {
  readonly connection: Connection;
  /** How far its set-up had got, according to the socket. */
  readonly stage: Evidence['stage'];
  /** With several addresses, the one that was tried last; undefined once one had answered. */
  readonly attempted: FailedAddress | undefined;
}

/** The connections that were closed with an error: requests that had no connection yet fail with the same object. */
let closedWithError = new WeakMap<object, ClosedWithError>();
/** The errors of TLS sessions that broke: of what Node does then, undici reports only that the peer closed the socket. */
let tlsErrors = new WeakMap<Connection, object>();
let connectError: ConnectError | undefined;
/** By error. The client that connects to a proxy fails first, and hands its error on. */
let connectTargets = new WeakMap<object, ConnectTarget>();

export function forgetConnectionErrors(): void {
  closedWithError = new WeakMap();
  tlsErrors = new WeakMap();
  connectError = undefined;
  connectTargets = new WeakMap();
}

/** A connection is being closed, with the error that its socket has by now. */
export function noteClosedWithError(connection: Connection, socket: ObservedSocket): void {
  const { errored } = socket;
  const earlier = connection.secure ? read(socket, UNDICI.error) : undefined;
  if (earlier != null && isTls(errorFactsOf(earlier))) tlsErrors.set(connection, earlier);
  if (typeof errored !== 'object' || errored === null) return;
  const stage = stageOn(socket, connection, errored);
  closedWithError.set(errored, {
    connection,
    stage,
    attempted: stage === 'connect' ? attemptedLast(socket) : undefined,
  });
}

/** The TLS session's error, if undici reports only that the peer closed the connection. */
export function tlsErrorBehind(error: unknown, connection: Connection | undefined): object | undefined {
  return connection !== undefined && property(error, 'code') === 'UND_ERR_SOCKET'
    ? tlsErrors.get(connection)
    : undefined;
}

function closedWith(error: unknown): ClosedWithError | undefined {
  return typeof error === 'object' && error !== null ? closedWithError.get(error) : undefined;
}

/**
 * All requests that wait for this client fail now, with its error. If that is another request's, the program destroyed
 * the client with it.
 */
export function noteConnectError({ error, connectParams, connector }: ConnectMessage): void {
  if (isOfAnother(error) && !isOfTunnel(error)) return;
  // The error of a Unix socket has the path as its address, and no port.
  const isPipe = typeof property(error, 'address') === 'string' && property(error, 'port') === undefined;
  const one = {
    error,
    origin: isPipe ? pipeOf(connectParams, connector) : undefined,
    connectTarget: firstTargetOf(error, connectParams),
  };
  connectError = one;
  // Cleared before a waiting caller is notified and may end other requests with the same error.
  microtask(() => {
    if (connectError === one) connectError = undefined;
  });
}

/** Whom the client that failed first with this error was to connect to. */
function firstTargetOf(error: unknown, params: ConnectMessage['connectParams']): ConnectTarget {
  const one = { host: params.hostname.replace(/^\[|]$/g, '').toLowerCase(), port: portOf(params) };
  if (typeof error !== 'object' || error === null) return one;
  const first = connectTargets.get(error);
  if (first === undefined) connectTargets.set(error, one);
  return first ?? one;
}

/**
 * The failed connect for which this request was waiting. The program may abort others with its error, at once or later:
 * one that is on a live connection, or whose signal has that reason, was not waiting for it.
 */
export function connectErrorOn(exchange: UndiciExchange, error: unknown): ConnectError | undefined {
  const one = connectError;
  if (one?.error !== error || isLive(exchange) || abortReasonOf(exchange.request)?.reason === error) return undefined;
  return one;
}

/**
 * On HTTP/2 undici takes back from a session what its peer does not process, and sends it on a new connection: the
 * error may then come from the failed connect although the session is alive.
 */
export function mayBeTakenBack({ multiplexed }: UndiciExchange, error: unknown): boolean {
  return multiplexed && connectError !== undefined && connectError.error === error;
}

/**
 * The closing of a connection that ended this request, which had none yet. One that had begun, unseen, was not waiting
 * for a connection to be established. One that had not begun may be ended by the program, which destroys its client with
 * the error of another request.
 */
export function closingBehind(
  { connection, foreign, request, origin }: UndiciExchange,
  error: unknown,
  isConnecting: boolean,
): ClosedWithError | undefined {
  if (connection !== undefined || foreign) return undefined;
  const ending = closedWith(error);
  if (ending === undefined || isConnecting) return ending;
  if (isBegun(request)) return ending.stage === 'ready' ? ending : undefined;
  return ending.connection.origin !== origin || isOfAnother(error) ? undefined : ending;
}

/** The request is, or may be, in flight on an open connection: undici 6 does not report that on HTTP/2. */
export function isLive({ attempt, connection, request, foreign }: UndiciExchange): boolean {
  if (attempt === undefined) return !foreign && isBegun(request);
  return connection !== undefined && connection.closing === undefined;
}
