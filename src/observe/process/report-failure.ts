import type { TransportName } from '../../connection/connection';
import { classify, verdictIfShared } from '../../verdict/classify';
import { isRefused } from '../../verdict/evidence/codes';
import { errorFactsOf, isDomException } from '../../verdict/evidence/error-facts';
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
  exchange.failureIfShared = verdictIfShared(evidence, failure);
  exchange.failure = evidence.handedIn ? exchange.failureIfShared : failure;
  if (exchange.method === 'CONNECT') noteTunnelFailure(failure);
  learnFrom(evidence, failure);
  for (const error of errors) {
    rememberOf(exchange, error);
    if (typeof error === 'object' && error !== null && !isEndedHere(evidence)) failedWith.add(error);
  }
  if (!exchange.silent) reporterOf(transport, exchange)?.failed(exchange, failure);
}

/** Stores the verdict on a failed exchange for whoever catches this error. */
function rememberOf({ failure, failureIfShared }: ObservedExchange, error: unknown): void {
  const verdict = isOfSignal(error) ? failureIfShared : failure;
  if (verdict !== undefined) remember(error, verdict);
}

/** A signal's reason, or an error that Node makes of that: perhaps for another request, with which this one was ended. */
function isOfSignal(error: unknown): boolean {
  return isDomException(error) || errorFactsOf(error).code === 'ABORT_ERR';
}

/** The codes of errors that Node and undici make for one request. */
const OWN = /^(ECONNRESET|UND_ERR_\w+)$/;

/** The same for an error that came after the one with which it failed: the program may have ended it with that. */
export function rememberLater({ failure, failureIfShared }: ObservedExchange, error: unknown): void {
  const verdict = OWN.test(errorFactsOf(error).code) ? failure : failureIfShared;
  if (verdict !== undefined) remember(error, verdict);
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
