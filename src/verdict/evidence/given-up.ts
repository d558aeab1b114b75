import { isLengthMismatch, isOfSetup } from './codes';
import type { Evidence } from './evidence';

const BY_OTHERS = new Set(['fin', 'reset', 'guard', 'lost']);

/** The connection was observed to be closed by the peer, or lost on the path. */
function isEndedByOthers({ closing }: Evidence): boolean {
  return closing !== undefined && BY_OTHERS.has(closing.how);
}

/**
 * This process gave the request up before it was finished: the source of its body failed, its body does not have the
 * announced length, or it was destroyed with an error of the program's own.
 */
export function isGivenUp(e: Evidence): boolean {
  const { error, request } = e;
  if (e.handleless || error.cancelled || error.deadline || e.signalAborted) return false;
  // One about a body that was written to its end, as long as was announced, is another request's.
  if (isLengthMismatch(error.code)) return request?.ended !== true || Boolean(request.missingBytes);
  if (isEndedByOthers(e)) return false;
  if (request?.abandoned === true) return true;
  // A program that destroys the stream that takes the response cancels; a stream that fails does not.
  return (
    e.abortReasonUnknown !== true && request?.ended === false && request.missingBytes !== 0 && isDestroyedWithCode(e)
  );
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

/** By how much a timer may fire early, or its start be rounded. */
const TIMER_MS = 2;

/**
 * The program ended the request in a timer that it had started after it made the request: probably its deadline. One that
 * was started before is about something else, such as another call.
 */
export function isByOwnTimer({ closing, exchange, nowMs }: Evidence): boolean {
  return closing?.timerMs !== undefined && closing.timerMs <= nowMs - exchange.createdMs + TIMER_MS;
}
