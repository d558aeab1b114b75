import { SHORTEST_TIMEOUT_MS } from './idle/idle-timeout';

/** How many distinct times are kept, and how many repetitions of each are counted. */
const KEPT = 8;
/** Observations within this time are one event. */
const BURST_MS = 1_000;
/** The share of requests that agree by chance, because their times come from one range. */
const ALIKE_BY_CHANCE = 0.05;

/** An observation of a time. */
export interface Observation {
  readonly atMs: number;
  /** 0 if unknown. */
  readonly connectionId: number;
  /** The connection's age; undefined if unknown. */
  readonly connectionMs: number | undefined;
}

/** A time that was observed repeatedly. */
interface Repeated {
  /** The mean of the observations. */
  ms: number;
  /** At most one for each event and connection, oldest first: requests on one connection are not independent. */
  readonly seen: Observation[];
}

/** Which times repeat within 2 %, on distinct connections and at different moments. Constant memory. */
export class RepeatedTimes {
  /** The most recently observed time is last: many observations in one event do not push out the others. */
  readonly #times: Repeated[] = [];

  add(ms: number, observed: Observation): void {
    if (ms < SHORTEST_TIMEOUT_MS) return;
    const { atMs, connectionId } = observed;
    const times = this.#times;
    const known = this.#find(ms);
    if (known === undefined) {
      if (times.length === KEPT) times.shift();
      times.push({ ms, seen: [observed] });
      return;
    }
    const { seen } = known;
    if (atMs - (seen.at(-1)?.atMs ?? 0) <= BURST_MS) return;
    if (connectionId > 0 && seen.some((one) => one.connectionId === connectionId)) return;
    if (seen.length === KEPT) seen.shift();
    seen.push(observed);
    known.ms += (ms - known.ms) / seen.length;
    times.push(...times.splice(times.indexOf(known), 1));
  }

  /** When this time was observed before, in earlier events, oldest first. */
  like(ms: number, nowMs: number): readonly Observation[] {
    return this.#find(ms)?.seen.filter(({ atMs }) => nowMs - atMs > BURST_MS) ?? [];
  }

  /** The probability that so many observations agree by chance, if each request has an independent time. */
  likeByChance(ms: number, nowMs: number): number {
    const all = this.#times.reduce((sum, { seen }) => sum + seen.length, 0);
    const alike = this.like(ms, nowMs).length;
    let term = (1 - ALIKE_BY_CHANCE) ** all;
    let fewer = 0;
    for (let n = 0; n < alike; n += 1) {
      fewer += term;
      term *= (ALIKE_BY_CHANCE * (all - n)) / ((1 - ALIKE_BY_CHANCE) * (n + 1));
    }
    return Math.max(0, 1 - fewer);
  }

  /** The observations since `sinceMs` turned out to have another reason. */
  forgetSince(sinceMs: number): void {
    for (const known of [...this.#times]) {
      const { seen } = known;
      while ((seen.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY) >= sinceMs) seen.pop();
      if (seen.length === 0) this.#times.splice(this.#times.indexOf(known), 1);
    }
  }

  #find(ms: number): Repeated | undefined {
    return this.#times.findLast((one) => Math.abs(one.ms - ms) <= ms * 0.02);
  }
}
