import type { FailureCause, SocketFailure } from '../../src/verdict/failure';
import type { CorpusPeer } from './peers/peer';

export type Truth = FailureCause | 'peer_aborted' | 'request_incomplete';

/** What an ending of an idle connection makes of the request that it met; any other reason than these: a stale one. */
const RETIRED = new Set(['age', 'count']);

/**
 * Why a request failed, by what its peer wrote down: what it did on purpose; if it was at work on the request and says
 * nothing of its end, or was killed before it read the request, it died; else it had closed the connection before.
 * Undefined if it never read a request on a fresh connection, or one that was sent while it was being killed: what was on
 * its way to it is nobody's knowledge.
 */
export function truthByLog(
  id: string,
  { failure, sentMs, endedMs }: { failure: SocketFailure; sentMs: number; endedMs: number },
  peers: readonly CorpusPeer[],
): Truth | undefined {
  const { reused, localPort } = failure.connection ?? {};
  for (const peer of peers) {
    const cause = peer.fates().causes.get(id);
    if (cause !== undefined) return cause as Truth;
    if (peer.processed().has(id)) return 'peer_restart';
    const death = peer.deaths.find(({ fromMs, toMs }) => sentMs <= toMs && fromMs <= endedMs);
    if (death !== undefined) return sentMs < death.fromMs && reused === true ? 'peer_restart' : undefined;
  }
  if (reused !== true) return undefined;
  const reasons = peers.map((peer) => peer.fates().endings.get(localPort ?? 0));
  return reasons.some((reason) => reason !== undefined && RETIRED.has(reason)) ? 'recycled' : 'stale_keepalive';
}
