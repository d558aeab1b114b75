import { isOwnLimit } from '../evidence/codes';
import type { Evidence } from '../evidence/evidence';
import { DEFERRING_MS, isAboutAnother, isByOwnTimer, isGivenUp } from '../evidence/given-up';
import type { WireFacts } from '../evidence/wire-facts';
import { type Judgement, judgement } from './judgement';

/** Timers of this process. Those of the kernel are judged by what was set up, or as silence. */
export function timers(e: Evidence, wire: WireFacts): Judgement | undefined {
  // Nobody may listen where the connection would have gone, whatever another address did.
  if (wire.kind === 'timed_out' && wire.initiator === 'local')
    return judgement('connect_timeout', e.error.anyRefused ? 'possible' : 'certain');
  if (wire.kind !== 'local_timeout') return undefined;
  if (isForgotten(e, wire)) return judgement('idle_expired', 'possible');
  if (e.programsError && !isBySocketTimer(e))
    return judgement('client_timeout', isByOwnTimer(e) ? 'likely' : 'possible');
  return judgement('client_timeout', isDeadlineProved(e) ? 'certain' : 'possible');
}

/**
 * The error says so, and is not one that the program had from elsewhere; or it was ended by the timer or by what the
 * program started when the timer fired. While the body was unfinished, such an error may be about a deadline of its
 * source, unless the request's own signal was seen to be aborted.
 */
function isDeadlineProved(e: Evidence): boolean {
  const { error, closing, request, signalAborted } = e;
  if (isBySocketTimer(e)) return true;
  const isUndicis = error.code.startsWith('UND_ERR_');
  // A timer aborts the signal of a deadline: elsewhere, the program may pass on the reason of another signal.
  const isDeferred = closing?.timerMs !== undefined && closing.timerMs <= DEFERRING_MS;
  const isPassedOn = closing?.mayBeInTimer || isDeferred;
  if (error.connectTimer || (isPassedOn && !isUndicis)) return false;
  // The program ended the connection, with the error of something else.
  const isOther = closing !== undefined && closing.how !== 'request' && !isUndicis;
  if (isOther && !closing.inTimer && !signalAborted) return false;
  return error.deadline && (request?.ended !== false || signalAborted === true);
}

function isBySocketTimer({ closing }: Evidence): boolean {
  return closing?.how === 'timer' || closing?.bySocketTimer === true;
}

/**
 * A silent path does not fail by itself in time, so that our timeout is the only sign of it. A path over which the peer has
 * closed connections after more idleness has not forgotten this one, and a busy process may not have read the answer.
 */
function isForgotten({ exchange, interim, nowMs, waitedMs }: Evidence, wire: WireFacts): boolean {
  const { origin, reused, idleMs, acquiredMs, firstWriteMs } = exchange;
  if (reused !== true || origin === undefined || idleMs === undefined) return false;
  if (acquiredMs === undefined || firstWriteMs === undefined || interim) return false;
  const aliveMs = Math.max(origin.okIdleMs(acquiredMs), origin.observedTimeout()?.ms ?? 0);
  const answersSince = origin.lastFreshOkMs !== undefined && origin.lastFreshOkMs >= acquiredMs;
  const isBusy = 2 * waitedMs < nowMs - firstWriteMs;
  return wire.sent !== 'received' && idleMs > aliveMs && answersSince && !isBusy;
}

/** A local initiator has local causes. */
export function ourOwn(e: Evidence, wire: WireFacts): Judgement | undefined {
  if (wire.initiator !== 'local') return undefined;
  if (wire.kind === 'local_abort') return judgement('client_cancelled', isCancelProved(e) ? 'certain' : 'possible');
  if (wire.kind === 'local_close') return judgement('pool_closed', 'certain');
  if (wire.kind === 'local_resource') return judgement('local_resource', 'certain');
  if (wire.kind !== 'other') return undefined;
  if (isGivenUp(e)) return judgement('request_incomplete', e.request?.mayBeCancelled ? 'possible' : 'certain');
  const isOwn = isOwnLimit(e.error.code) && !isAboutAnother(e) && !isWithoutAnswer(e);
  return isOwn ? judgement('local_resource', 'certain') : undefined;
}

/** A body size limit without a response belongs to another request. */
function isWithoutAnswer({ error, statusCode }: Evidence): boolean {
  return error.code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE' && statusCode === undefined;
}

/** A known code or an aborted signal proves it, or a destroy without an error before the response. */
function isCancelProved(e: Evidence): boolean {
  const { error, signalAborted, abortReasonUnknown, closing, request } = e;
  if (abortReasonUnknown || closing?.byPipeline || closing?.byBoth) return false;
  // undici's own retries end an answer that they cannot use.
  if (error.code === 'UND_ERR_REQ_RETRY') return false;
  // The program was notified of a timeout earlier, and may have ended the request for it.
  if (e.exchange.timedOutMs !== undefined) return false;
  // Most programs that give a request only so long abort its signal in a timer, without a reason.
  if (closing?.inTimer || closing?.mayBeInTimer || closing?.noticedLate) return false;
  // A connection that was already gone may have been what ended it.
  if (signalAborted === true) return e.exchange.connection?.closing === undefined;
  // An unfinished request may have been ended because the source of its body failed, or was cancelled.
  if (request?.ended === false) return false;
  if (error.cancelled && error.code !== 'UND_ERR_ABORTED') return true;
  // Inside a response, a size limit or a failing decoder is as likely a reason: libraries destroy it in the same way.
  if (e.progress.received > 0) return false;
  return error.cancelled || error.name === '' || error.code === 'ECONNRESET';
}
