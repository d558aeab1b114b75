/** Moments may differ from a period by this part of it. */
const TOLERANCE = 0.05;
/** Times count as one if each is within this part of their mean. */
const ALIKE = 0.02;
/** Two machines behind one name may each have a timer of their own. */
const TIMERS = 2;

/**
 * Whether these moments, earliest first, lie at regular intervals: apart from the first of each of two timers, each
 * follows another by the same period. Fewer than four always count as regular. The work grows with the cube of their
 * number.
 */
export function isRegular(momentsMs: readonly number[]): boolean {
  const { length } = momentsMs;
  if (length <= TIMERS + 1) return true;
  return momentsMs.some((ms, i) =>
    momentsMs.slice(0, i).some((earlierMs) => {
      const periodMs = ms - earlierMs;
      const isAfter = (one: number, other: number) => Math.abs(one - other - periodMs) <= periodMs * TOLERANCE;
      return momentsMs.filter((one) => !momentsMs.some((other) => isAfter(one, other))).length <= TIMERS;
    }),
  );
}

/** Whether these times, of which there is at least one, count as one. */
export function areAlike(timesMs: readonly number[]): boolean {
  const longest = Math.max(...timesMs);
  return longest - Math.min(...timesMs) <= 2 * ALIKE * longest;
}
