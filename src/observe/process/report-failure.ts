import type { TransportName } from '../../connection/connection';
import { classify, verdictIfShared } from '../../verdict/classify';
import { isRefused } from '../../verdict/evidence/codes';
import type { Evidence } from '../../verdict/evidence/evidence';
import { isOwnError } from '../../verdict/evidence/own-error';
import { learnFrom } from '../../verdict/learn';
import type { ObservedExchange } from './observed-exchange';
import { hasOthersOpen } from './open-connections';
import { processState } from './process-state';
import { reporterOf } from './reporters';
import { isOfCallOn } from './socket/own-call';
import { noteTunnelFailure, remember } from './verdict-by-error';

/** Errors with which requests failed by themselves; each belongs to one request. */
const failedWith = new WeakSet<object>();

/**
 * Whether another request had failed with this error before, by itself: then its deadline was that one's. Requests that
 * the program ends together may share an error.
 */
export function isOfAnother(error: unknown): boolean {
  return typeof error === 'object' && error !== null && failedWith.has(error);
}

/** The errors of requests to servers of this process: a client's request may be ended with one, but it is not about that. */
const ofServers = new WeakSet<object>();

/** An error that has a verdict is that of a client's request: a proxy, or undici, ends the server's request with it. */
export function noteServersError(error: unknown): void {
  if (typeof error !== 'object' || error === null || processState.failures.has(error)) return;
  ofServers.add(error);
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
  const ifShared = verdictIfShared(evidence, failure);
  exchange.failure = failure;
  exchange.failureIfShared = ifShared;
  if (exchange.method === 'CONNECT') for (const verdict of [failure, ifShared]) noteTunnelFailure(verdict);
  learnFrom(evidence, failure);
  for (const error of errors) {
    const isOwn = !isOfServer(error) && isOwnError(evidence, error, makerOf(error, transport, exchange));
    remember(error, isOwn ? failure : ifShared);
    if (typeof error === 'object' && error !== null && !isEndedHere(evidence)) failedWith.add(error);
  }
  if (!exchange.silent) reporterOf(transport, exchange)?.failed(exchange, failure);
}

/**
 * Stores the verdict for whoever catches an error that came after the one with which the exchange failed. `isMadeForIt`:
 * nobody else can have got that error.
 */
export function rememberLater(exchange: ObservedExchange, error: unknown, isMadeForIt: boolean): void {
  const { failure, failureIfShared, connection } = exchange;
  if (failure !== undefined && processState.failures.get(error as object) === failure) return;
  const isOwn = !isOfServer(error) && (isMadeForIt || isOfCallOn(connection, error));
  const verdict = isOwn ? failure : failureIfShared;
  if (verdict !== undefined) remember(error, verdict);
}

function isOfServer(error: unknown): boolean {
  return typeof error === 'object' && error !== null && ofServers.has(error);
}

function makerOf(
  error: unknown,
  transport: TransportName,
  { connection }: ObservedExchange,
): Parameters<typeof isOwnError>[2] {
  return { isUndicis: transport === 'undici', isOfOwnCall: isOfCallOn(connection, error) };
}

/** Checked only while connects are refused: an open connection then suggests that the peer is still there. */
function isOtherOpen({ exchange: { origin, connection }, error, failedAddress, nowMs }: Evidence): boolean {
  if (origin === undefined || !(isRefused(error) || origin.isRefusing(nowMs))) return false;
  const address = connection?.endpoints?.peerAddress ?? (failedAddress ?? error.failedAddress)?.address;
  return hasOthersOpen(origin, connection, address);
}

const HERE: ReadonlySet<string | undefined> = new Set(['request', 'program', 'agent']);

function isEndedHere({ closing, signalAborted }: Evidence): boolean {
  return signalAborted === true || HERE.has(closing?.how);
}
