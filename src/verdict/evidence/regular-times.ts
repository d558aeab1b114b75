/** Intervals are alike if they differ from a multiple of the shortest one by no more than this part of it. */
const TOLERANCE = 0.05;

/** These moments, earliest first, are those of something that happens at regular intervals; some may be missing. */
export function isRegular(momentsMs: readonly number[]): boolean {
  const intervals = momentsMs.slice(1).map((ms, i) => ms - (momentsMs[i] ?? ms));
  const shortest = Math.min(...intervals);
  return intervals.every((ms) => Math.abs(ms / shortest - Math.round(ms / shortest)) <= TOLERANCE);
}
