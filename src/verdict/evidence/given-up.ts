import { isLengthMismatch, isOfSetup } from './codes';
import type { Evidence } from './evidence';

const BY_OTHERS = new Set(['fin', 'reset', 'guard', 'lost']);

/** The connection was observed to be closed by the peer, or lost on the path. */
export function isEndedByOthers({ closing }: Evidence): boolean {
  return closing !== undefined && BY_OTHERS.has(closing.how);
}

/**
 * This process gave the request up before it was finished: the source of its body failed, its body does not have the
 * announced length, or it was destroyed with an error of the program's own.
 */
export function isGivenUp(e: Evidence): boolean {
  const { error, request } = e;
  if (e.handleless || error.cancelled || error.deadline || e.signalAborted) return false;
  // A length mismatch on a body that was written in full belongs to another request.
  if (isLengthMismatch(error.code)) return request?.ended !== true || Boolean(request.missingBytes);
  if (isEndedByOthers(e)) return false;
  if (request?.abandoned === true) return true;
  // A program that destroys the connection, or the stream that takes the response, cancels; a stream that fails does not.
  const isUnfinished = request?.ended === false && request.missingBytes !== 0;
  return isUnfinished && e.closing?.how === 'request' && e.abortReasonUnknown !== true && isDestroyedWithCode(e);
}

/**
 * The program destroyed it with a meaningful error. Node's own "socket hang up" has no system call; nor has the error of
 * an incoming message that was aborted, with the same code.
 */
export function isDestroyedWithCode({ error, closing }: Evidence): boolean {
  if (closing?.how === 'program') return closing.withError === true;
  if (closing?.how !== 'request') return false;
  if (error.syscall !== '' || (error.code !== '' && error.code !== 'ECONNRESET')) return true;
  return closing.withError === true && error.code === 'ECONNRESET';
}

/**
 * The error is not about this connection, whatever its code means elsewhere: the program destroyed the request with it,
 * perhaps while that waited for a connection, or it is about setting up a connection, and the request had already been
 * written on this one.
 */
export function isAboutAnother(e: Evidence): boolean {
  const { firstWriteMs, multiplexed } = e.exchange;
  const isWritten = firstWriteMs !== undefined || multiplexed;
  return isDestroyedWithCode(e) || (isWritten && e.stage === 'ready' && isOfSetup(e.error));
}

/** By how much sooner than its request a timer may be started: a library may still prepare the body. */
const EARLIER_MS = 2;
const EARLIER_SHARE = 0.1;
/** `setTimeout` without a delay, which got, for example, uses to defer its deadline handler. */
export const DEFERRING_MS = 1;

/**
 * The program ended the request in a timer that ran for most of the request's time: probably its deadline. One that was
 * started well before the request, or long after, is about something else, such as another call.
 */
export function isByOwnTimer({ closing, exchange, nowMs }: Evidence): boolean {
  const { timerMs } = closing ?? {};
  const ageMs = nowMs - exchange.createdMs;
  if (timerMs === undefined || timerMs > ageMs + Math.max(EARLIER_MS, EARLIER_SHARE * timerMs)) return false;
  return timerMs <= DEFERRING_MS || timerMs >= ageMs / 2;
}
