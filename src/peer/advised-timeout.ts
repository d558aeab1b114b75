/**
 * The idle timeout a client should set below a peer's limit of `peerTimeoutMs`: the limit less a margin of 10 %, at least
 * 1 s, at most 5 s, never more than half of the limit. Near misses are measured against the same number, so that
 * following the advice ends them.
 */
export function advisedTimeoutMs(peerTimeoutMs: number): number {
  const margin = Math.min(Math.max(peerTimeoutMs * 0.1, 1_000), 5_000, peerTimeoutMs / 2);
  return Math.round(peerTimeoutMs - margin);
}

/** Whether a client limit (0 = none) lets idle connections live as long as the peer does, or longer. */
export function isMismatch(clientTimeoutMs: number, peerTimeoutMs: number): boolean {
  return clientTimeoutMs === 0 || clientTimeoutMs >= peerTimeoutMs;
}
