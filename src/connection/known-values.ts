/** Whole ms from 0 to 2^53; a setting or a clock may hold anything else, which is not told. */
export function whole(ms: number | undefined): number | undefined {
  const rounded = ms === undefined ? Number.NaN : Math.round(ms);
  return Number.isSafeInteger(rounded) && rounded >= 0 ? rounded : undefined;
}

/** Of a timeout, 0 means none: one of less than half a millisecond is not told. */
export function wholeTimeout(ms: number | undefined): number | undefined {
  const rounded = whole(ms);
  return rounded === 0 && ms !== 0 ? undefined : rounded;
}

export type Loose<T> = { [K in keyof T]: T[K] | undefined };

/** Drops what is unknown, so that absent fields are absent. */
export function present<T extends object>(fields: Loose<T>): T {
  const known: Partial<T> = {};
  for (const key in fields) if (fields[key] !== undefined) known[key] = fields[key];
  return known as T;
}
