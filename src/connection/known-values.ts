/** Whole ms from 0 to 2^53; undefined for anything else that a setting or a clock may hold. */
export function whole(ms: number | undefined): number | undefined {
  if (ms === undefined) return undefined;
  const rounded = Math.round(ms);
  return rounded >= 0 && rounded <= Number.MAX_SAFE_INTEGER ? rounded : undefined;
}

/** A timeout in whole ms; undefined if it would only round to 0, which means none. */
export function wholeTimeout(ms: number | undefined): number | undefined {
  const rounded = whole(ms);
  return rounded === 0 && ms !== 0 ? undefined : rounded;
}

export type Loose<T> = { [K in keyof T]: T[K] | undefined };

/** Drops unknown fields, so that they are absent. */
export function present<T extends object>(fields: Loose<T>): T {
  const known: Partial<T> = {};
  for (const key in fields) if (fields[key] !== undefined) known[key] = fields[key];
  return known as T;
}
