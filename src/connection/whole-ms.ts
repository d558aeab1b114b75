/** Whole ms from 0 to 2^53; a setting or a clock may hold anything else, which is unknown then. */
export function whole(ms: number | undefined): number | undefined {
  const rounded = ms === undefined ? Number.NaN : Math.round(ms);
  return Number.isSafeInteger(rounded) && rounded >= 0 ? rounded : undefined;
}

/** Of a timeout, 0 means none: one of less than half a millisecond is unknown. */
export function wholeTimeout(ms: number | undefined): number | undefined {
  const rounded = whole(ms);
  return rounded === 0 && ms !== 0 ? undefined : rounded;
}
