import type { ConnectionFacts } from '../../connection/facts';
import { UNKNOWN_SETTING } from '../../connection/idle-timeout-setting';
import { advisedTimeoutMs } from '../../peer/advised-timeout';
import { grantMs } from '../../peer/peer-timeout';
import type { Fix } from './advice';
import type { AdviceFacts } from './advice-facts';
import { durationText, toSet } from './phrases';

/** Without a known idle timeout, no shorter one is advised or blamed, although a peer may have one. */
export const SHORTEST_ADVISED_MS = 1_000;

/** The connection had been idle too briefly for the client to have closed it first. */
export function isIdleTooShort({ idleMs, peerTimeoutMs }: Partial<ConnectionFacts>): boolean {
  const soonestMs = peerTimeoutMs === undefined ? SHORTEST_ADVISED_MS : advisedTimeoutMs(peerTimeoutMs);
  return idleMs !== undefined && idleMs < soonestMs;
}

/** The one change that ends stale connections: an idle timeout below the peer's, under the client's name for it. */
export function staleFix(facts: AdviceFacts): Fix | string {
  const { idleMs, clientTimeoutMs, peerTimeoutMs } = facts.failure.connection;
  const advisedMs = peerTimeoutMs === undefined ? undefined : advisedTimeoutMs(peerTimeoutMs);
  if (facts.clues?.leaving !== undefined)
    return 'No idle timeout prevents this: look for a restart or a deployment at this time';
  if (isIdleTooShort(facts.failure.connection))
    return `No known idle timeout explains so early a closing: look for a shorter one at the peer or a proxy before it, a restart, a limit on requests or age per connection${isFirewallPossible(facts) ? ', or a firewall nearby that resets connections' : ''}`;
  if (clientTimeoutMs && advisedMs !== undefined && clientTimeoutMs <= advisedMs)
    return "This client's idle timeout is short enough but was applied late: look for a busy event loop or a suspended process";
  if (advisedMs !== undefined) return closeSooner(facts, advisedMs);
  if (idleMs === undefined) return 'Give this client an idle timeout below that of the peer';
  return closeSooner(facts, advisedTimeoutMs(idleMs));
}

/** The end came sooner than any round trip so far, and the peer is not known to close so early. */
function isFirewallPossible({ failure: { confidence }, clues }: AdviceFacts): boolean {
  return confidence === 'possible' && clues?.sign === 'early';
}

/** An idle timeout of `ms`, with `origin`, what the number comes from, and how to set it in the client in use. */
export function closeSooner(facts: AdviceFacts, ms: number, origin = ''): Fix {
  const { scheme = 'http', setting = UNKNOWN_SETTING, failure } = facts;
  const { peerTimeoutMs, peerTimeoutSource, idleMs } = failure.connection;
  const value = toSet(ms);
  const isKnown = failure.cause === 'stale_keepalive' && peerTimeoutMs !== undefined;
  const announcedMs = isKnown && peerTimeoutSource === 'announced' ? peerTimeoutMs : undefined;
  // Without an idle age, nothing shows that the connection was idle for that long.
  const isSure = isKnown && failure.confidence !== 'possible' && idleMs !== undefined;
  return {
    text: `${isSure ? 'Close' : 'Try closing'} idle connections after ${durationText(value)}${origin}${isKnown ? '' : ' or less'}`,
    ...setting.change(value, scheme, announcedMs),
    idleTimeoutMs: value,
  };
}

/** The idle timeout for a client to set, in ms, below that of its peer. */
export function idleTimeoutBelow(peerTimeoutMs: number): number {
  return toSet(advisedTimeoutMs(peerTimeoutMs));
}

/** Whether a connection was idle for so much longer than this idle timeout that the peer cannot have it. */
export function hasOutlived(idleMs: number, peerTimeoutMs: number): boolean {
  return idleMs > grantMs(peerTimeoutMs);
}
