/** Each value with the age below which it ends, ms; the longest has no end. */
const BUCKETS = [
  [1_000, '<1s'],
  [4_000, '1-4s'],
  [6_000, '4-6s'],
  [15_000, '6-15s'],
  [60_000, '15-60s'],
  [120_000, '60-120s'],
  [350_000, '120-350s'],
] as const;
const LONGEST = '>350s';

/** The ages at which the values end, ms, shortest first; the longest has no end. */
export const IDLE_EDGES_MS: readonly number[] = BUCKETS.map(([below]) => below);

/** The values of `socket.idle_bucket`, shortest first. */
export const IDLE_BUCKETS: readonly string[] = [...BUCKETS.map(([, name]) => name), LONGEST];

/** The idle age as one of eight strings, for backends that find tags by exact match only. */
export function idleBucket(idleMs: number): string {
  for (const [below, name] of BUCKETS) if (idleMs < below) return name;
  return LONGEST;
}
