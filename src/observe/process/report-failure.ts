import type { TransportName } from '../../connection/connection';
import { classify } from '../../verdict/classify';
import type { Evidence } from '../../verdict/evidence/evidence';
import { learnFrom } from '../../verdict/learn';
import type { ObservedExchange } from './observed-exchange';
import { remember, reporterOf } from './process-state';

type ObservedEvidence = Evidence & { readonly exchange: ObservedExchange };

/**
 * Stores the verdict on a failed client exchange for whoever catches one of `errors`, and reports it. Once per
 * exchange.
 */
export function reportFailure(
  transport: TransportName,
  evidence: ObservedEvidence,
  ...errors: readonly unknown[]
): void {
  const { exchange } = evidence;
  const failure = classify(evidence);
  exchange.outcome = 'failed';
  exchange.failure = failure;
  learnFrom(evidence, failure);
  for (const error of errors) remember(error, failure);
  if (!exchange.silent) reporterOf(transport, exchange)?.failed(exchange, failure);
}
