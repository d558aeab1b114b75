import type { TransportName } from '../../connection/connection';
import { idleOf, isShort } from '../../verdict/causes/features';
import { classify } from '../../verdict/classify';
import type { Evidence } from '../../verdict/evidence/evidence';
import { isLate } from '../../verdict/evidence/timing';
import type { ObservedExchange } from './observed-exchange';
import { remember, reporterOf } from './process-state';

type ObservedEvidence = Evidence & { readonly exchange: ObservedExchange };

/** The verdict on a client exchange that failed: kept for whoever catches one of `errors`, and reported. Once an exchange. */
export function reportFailure(
  transport: TransportName,
  evidence: ObservedEvidence,
  ...errors: readonly unknown[]
): void {
  const { exchange } = evidence;
  const failure = classify(evidence);
  exchange.outcome = 'failed';
  exchange.failure = failure;
  learn(evidence);
  for (const error of errors) remember(error, failure);
  if (!exchange.silent) reporterOf(transport, exchange)?.failed(exchange, failure);
}

/** What later verdicts on this origin may use. The verdict on this failure is already made. */
function learn(evidence: ObservedEvidence): void {
  const { nowMs, exchange } = evidence;
  const { origin, failure, acquiredMs } = exchange;
  if (failure?.initiator !== 'remote') return;
  if (origin === undefined) return;
  if (failure.kind === 'refused') origin.refusedMs = nowMs;
  if (acquiredMs === undefined) return;
  if (failure.sent === 'received' || isLate(evidence)) origin.inFlightClosings.add(nowMs, nowMs - acquiredMs);
  else if (failure.sent !== 'none' && isShort(idleOf(evidence))) origin.droppedMs = nowMs;
}
