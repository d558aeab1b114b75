import type { TransportName } from '../../connection/connection';
import { classify } from '../../verdict/classify';
import { property } from '../../verdict/evidence/error-facts';
import type { Evidence } from '../../verdict/evidence/evidence';
import { learnFrom } from '../../verdict/learn';
import type { ObservedExchange } from './observed-exchange';
import { processState, remember, reporterOf } from './process-state';

/**
 * Whether this error, with which the program ended a request, had ended another one before: then its deadline was that
 * one's. Requests that share a signal share its reason, which has no code of its own.
 */
export function isOfAnother(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !processState.failures.has(error)) return false;
  const code = property(error, 'code');
  return typeof code === 'string' && code !== 'ABORT_ERR';
}

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
