import type { TransportName } from '../../connection/connection';
import { classify, verdictForCatcher } from '../../verdict/classify';
import { isRefused } from '../../verdict/evidence/codes';
import type { Evidence } from '../../verdict/evidence/evidence';
import { learnFrom } from '../../verdict/learn';
import type { ObservedExchange } from './observed-exchange';
import { hasOthersOpen } from './open-connections';
import { noteTunnelFailure, remember, reporterOf } from './process-state';

/** The errors with which requests failed that this process had not ended with them: each is its own request's. */
const failedWith = new WeakSet<object>();

/**
 * Whether another request had failed with this error before, by itself: then its deadline was that one's. Requests that
 * the program ends together may share an error.
 */
export function isOfAnother(error: unknown): boolean {
  return typeof error === 'object' && error !== null && failedWith.has(error);
}

type ObservedEvidence = Evidence & { readonly exchange: ObservedExchange };

/**
 * Stores the verdict on a failed client exchange for whoever catches one of `errors`, and reports it. Once per
 * exchange.
 */
export function reportFailure(transport: TransportName, seen: ObservedEvidence, ...errors: readonly unknown[]): void {
  const evidence = { ...seen, othersOpen: isOtherOpen(seen) || undefined };
  const { exchange } = evidence;
  const failure = classify(evidence);
  exchange.outcome = 'failed';
  exchange.failure = failure;
  if (exchange.method === 'CONNECT') noteTunnelFailure(failure);
  learnFrom(evidence, failure);
  const forCatcher = verdictForCatcher(evidence, failure);
  for (const error of errors) {
    remember(error, forCatcher);
    if (typeof error === 'object' && error !== null && !isEndedHere(evidence)) failedWith.add(error);
  }
  if (!exchange.silent) reporterOf(transport, exchange)?.failed(exchange, failure);
}

/** Asked only where connects are refused: then one that is open speaks against a peer that is gone. */
function isOtherOpen({ exchange: { origin, connection }, error, failedAddress, nowMs }: Evidence): boolean {
  if (origin === undefined || !(isRefused(error) || origin.isRefusing(nowMs))) return false;
  const address = connection?.endpoints?.peerAddress ?? (failedAddress ?? error.failedAddress)?.address;
  return hasOthersOpen(origin, connection, address);
}

function isEndedHere({ closing, signalAborted }: Evidence): boolean {
  return signalAborted === true || closing?.how === 'request' || closing?.how === 'program';
}
