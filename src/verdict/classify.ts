import type { ConnectionFacts } from '../connection/facts';
import { adviceFactsOf } from './advice/advice-facts';
import { explained } from './advice/advise';
import { causeOf } from './causes/cause';
import type { Judgement } from './causes/judgement';
import type { Evidence } from './evidence/evidence';
import { isAboutAnother, isByOwnTimer } from './evidence/given-up';
import { stageOf } from './evidence/sent';
import { isCancelled, wireFactsOf } from './evidence/wire-facts';
import type { ReportedFailure } from './failure';
import { isRetrySafe } from './retry';

/** The verdict on a client exchange, from evidence. Pure: what happens after the failure never changes it. */
export function classify(e: Evidence): ReportedFailure {
  const wire = wireFactsOf(e);
  const judgement = causeOf(e, wire);
  const since = e.exchange.acquiredMs ?? e.exchange.createdMs;
  const retrySafe = isRetrySafe({
    method: e.exchange.method,
    cancelled: judgement.cause === 'client_cancelled' || isCancelled(e) || isEndedWith(e, judgement),
    sent: wire.sent,
  });
  const elapsedMs = Math.max(0, Math.round(e.nowMs - since));
  const verdict = { ...wire, ...judgement, retrySafe, elapsedMs, connection: factsOf(e) };
  const { sent: _, ...unsaid } = verdict;
  const known = isSentKnown(e, wire.sent) ? verdict : unsaid;
  return explained(adviceFactsOf(e, known));
}

/**
 * The verdict for whoever catches an error that may also stand for other requests: what the program ended this one
 * with, and the reason of a signal. Of those, one may have been executed.
 */
export function verdictIfShared(e: Evidence, failure: ReportedFailure): ReportedFailure {
  return failure.retrySafe ? explained(adviceFactsOf(e, { ...failure, retrySafe: false })) : failure;
}

/** The program ended the request with an error that came neither from its body's source nor from its deadline. */
function isEndedWith(e: Evidence, { cause }: Judgement): boolean {
  const isDeadline = cause === 'client_timeout' && (e.closing?.bySocketTimer || isByOwnTimer(e));
  return e.programsError === true && cause !== 'request_incomplete' && !isDeadline;
}

/**
 * With several requests on one connection at once, it is unknown how much of this one was sent. Without a socket,
 * nothing about that is known.
 */
function isSentKnown({ exchange, handleless }: Evidence, sent: string): boolean {
  return handleless !== true && (!exchange.multiplexed || sent === 'received' || sent === 'none');
}

/** The address of a failed connect is only in its error: of this request, while it had no connection. */
function factsOf(e: Evidence): ConnectionFacts {
  const { exchange, error, failedAddress = error.failedAddress, programsError } = e;
  const facts = exchange.facts(false);
  const isAnothers = programsError === true || isAboutAnother(e) || stageOf(e) === 'ready';
  if (facts.peerAddress !== undefined || failedAddress === undefined || isAnothers) return facts;
  const { address, port } = failedAddress;
  return { ...facts, peerAddress: address, ...(port === undefined ? {} : { peerPort: port }) };
}
