import type { Closing } from '../../../connection/closing';
import type { Connection } from '../../../connection/connection';
import { isFailedCall, isOfHttp2 } from '../../../verdict/evidence/codes';
import { type ErrorFacts, isDomException, property } from '../../../verdict/evidence/error-facts';
import { timerAround } from '../../process/socket/closing';
import { isPeerKnown, isSocket } from '../../process/socket/socket';
import type { UndiciExchange } from '../exchange';
import type { AbortReason } from '../internals';

/** What this process itself did to a request. */
export interface GivenUp {
  /** How it ended the exchange; undefined if it did not, or if unknown. */
  readonly closing: Closing | undefined;
  /** The request was not finished, and was not cancelled: its source failed, or its length was wrong. */
  readonly abandoned: boolean;
}

/** Whose error ended a request. */
export interface EndingError {
  /** Its facts for this request. */
  readonly facts: ErrorFacts;
  /** The error comes from the request body's source stream. */
  readonly isOfSource: boolean;
  /** The error is, or may be, that of the stream that takes the answer, or the reason of a signal that is hidden. */
  readonly mayBeOfSink: boolean;
}

const NOT_OURS: GivenUp = { closing: undefined, abandoned: false };

/**
 * A request on HTTP/1.1 fails after its connection was closed. One that fails earlier was given up by our own process:
 * it was aborted, its body failed, or its client was destroyed. `abort`: what its handler knows about its signal, if
 * anything.
 */
export function givenUp(
  exchange: UndiciExchange,
  { facts, isOfSource, mayBeOfSink }: EndingError,
  abort: AbortReason | undefined,
  atMs: number,
): GivenUp {
  const { connection, bodySent, multiplexed } = exchange;
  const { code, syscall, cancelled, deadline } = facts;
  const closing: Closing = {
    atMs,
    initiator: 'local',
    how: 'request',
    // Many libraries abort a signal when their own timer fires.
    ...timerAround(),
    ...(connection === undefined && !multiplexed && { noticedLate: true }),
  };
  // A client that is destroyed closes its connections before their requests fail: otherwise it was another one.
  const isClients =
    !isOfSource &&
    abort?.reason == null &&
    (connection === undefined ? !multiplexed : connection.closing !== undefined);
  if (isClients && (code === 'UND_ERR_DESTROYED' || code === 'UND_ERR_CLOSED'))
    return { closing: { ...closing, how: 'agent' }, abandoned: false };
  if (connection?.closing !== undefined) return NOT_OURS;
  if (cancelled || deadline || abort?.reason != null) return { closing, abandoned: false };
  if (isOfSource && !(multiplexed && isOfStream({ code, syscall }, connection))) return { closing, abandoned: true };
  // The session is alive and the error is not about it, so the program ended the request with it.
  if (multiplexed) return isOfUndiciOrHttp2(code) || !hasPeer(connection) ? NOT_OURS : { closing, abandoned: false };
  if (connection === undefined && isOfSession(code)) return NOT_OURS;
  // The request or its answer was aborted for an unknown reason, or its client was destroyed meanwhile.
  const isOfAnswer = mayBeOfSink && exchange.answered;
  if (bodySent || isOfAnswer || code === 'UND_ERR_ABORTED' || connection === undefined)
    return { closing, abandoned: false };
  // `fetch` passes on the reason of its signal and the error of a body's source in the same way.
  if (code === '' && syscall === '' && abort === undefined) return NOT_OURS;
  return { closing, abandoned: true };
}

/**
 * An object of the program's own, with which it ended the request: neither an error of undici's, nor what an aborted
 * signal has as its reason unless the program gives one.
 */
export function isOfProgram(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || isDomException(error)) return false;
  return !String(property(error, 'code')).startsWith('UND_ERR_');
}

/** An error of undici's, of Node's HTTP/2, or of the streams between them. */
export function isOfUndiciOrHttp2(code: string): boolean {
  return code.startsWith('UND_ERR_') || isOfHttp2(code);
}

/** Codes with which undici fails requests that wait for an HTTP/2 session that ended. */
function isOfSession(code: string): boolean {
  return code === 'UND_ERR_SOCKET' || code === 'UND_ERR_INFO' || code.startsWith('ERR_HTTP2_');
}

/**
 * On HTTP/2 undici pipes the source of a body into the stream: if the peer ends that, or its session, the source also
 * fails with an error about it. A source that is a socket fails with such errors of its own.
 */
function isOfStream(error: Pick<ErrorFacts, 'code' | 'syscall'>, connection: Connection | undefined): boolean {
  if (error.code === 'ERR_STREAM_PREMATURE_CLOSE' || isOfSession(error.code)) return true;
  return isFailedCall(error) && !hasPeer(connection);
}

/** The kernel still knows the peer of this connection: no call on it can have failed. False if unknown. */
function hasPeer(connection: Connection | undefined): boolean {
  const socket = connection?.socket?.deref();
  return isSocket(socket) && isPeerKnown(socket);
}
