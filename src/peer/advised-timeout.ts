/**
 * The idle timeout that a client should set for a peer whose idle timeout is `peerTimeoutMs`: a margin of 10 % below
 * it, at least 1 s, at most 5 s, never more than half of it. Near misses are measured against the same number, so that
 * following the advice ends them.
 */
export function advisedTimeoutMs(peerTimeoutMs: number): number {
  const margin = Math.min(Math.max(peerTimeoutMs * 0.1, 1_000), 5_000, peerTimeoutMs / 2);
  return Math.round(peerTimeoutMs - margin);
}

/** Whether a client's idle timeout (0 = none) lets idle connections live as long as the peer's does, or longer. */
export function isMismatch(clientTimeoutMs: number, peerTimeoutMs: number): boolean {
  return clientTimeoutMs === 0 || clientTimeoutMs >= peerTimeoutMs;
}
