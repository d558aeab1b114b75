const BUCKETS = [
  [1_000, '<1s'],
  [4_000, '1-4s'],
  [6_000, '4-6s'],
  [15_000, '6-15s'],
  [60_000, '15-60s'],
  [120_000, '60-120s'],
  [350_000, '120-350s'],
] as const;

/** The idle age as one of eight strings, for backends that find tags by exact match only. */
export function idleBucket(idleMs: number): string {
  for (const [below, name] of BUCKETS) if (idleMs < below) return name;
  return '>350s';
}

/**
 * The idle limit a client should set below a peer's limit of `peerTimeoutMs`: the limit less a margin of 10 %, at least
 * 1 s, at most 5 s, never more than half of the limit. Near misses are measured against the same number, so that
 * following the advice ends them.
 */
export function advisedLimitMs(peerTimeoutMs: number): number {
  const margin = Math.min(Math.max(peerTimeoutMs * 0.1, 1_000), 5_000, peerTimeoutMs / 2);
  return Math.round(peerTimeoutMs - margin);
}

/** Whether a client limit (0 = none) lets idle connections live as long as the peer does, or longer. */
export function isMismatch(clientTimeoutMs: number, peerTimeoutMs: number): boolean {
  return clientTimeoutMs === 0 || clientTimeoutMs >= peerTimeoutMs;
}
