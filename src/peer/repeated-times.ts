import { SHORTEST_TIMEOUT_MS } from './idle/idle-timeout';

/** How many distinct times are kept, and how many repetitions of each are counted. */
const KEPT = 8;
/** Observations within this time are one event. */
const BURST_MS = 1_000;
/** The share of requests that agree by chance, because their times come from one range. */
const ALIKE_BY_CHANCE = 0.05;

/** A time that was observed repeatedly. */
interface Repeated {
  /** The mean of the observations. */
  ms: number;
  /** When it was observed, at most once per event, oldest first. */
  readonly seenMs: number[];
  /** The connections on which it was observed: requests on one connection are not independent. 0 if unknown. */
  readonly connectionIds: number[];
}

/** Which times repeat within 2 %, on distinct connections and at different moments. Constant memory. */
export class RepeatedTimes {
  /** The most recently observed time is last: many observations in one event do not push out the others. */
  readonly #times: Repeated[] = [];

  add(atMs: number, ms: number, connectionId = 0): void {
    if (ms < SHORTEST_TIMEOUT_MS) return;
    const times = this.#times;
    const known = this.#find(ms);
    if (known === undefined) {
      if (times.length === KEPT) times.shift();
      times.push({ ms, seenMs: [atMs], connectionIds: [connectionId] });
      return;
    }
    const { seenMs, connectionIds } = known;
    if (atMs - (seenMs.at(-1) ?? 0) <= BURST_MS || (connectionId > 0 && connectionIds.includes(connectionId))) return;
    if (seenMs.length === KEPT) {
      seenMs.shift();
      connectionIds.shift();
    }
    seenMs.push(atMs);
    connectionIds.push(connectionId);
    known.ms += (ms - known.ms) / seenMs.length;
    times.push(...times.splice(times.indexOf(known), 1));
  }

  /** How often this time was observed before, in earlier events. */
  like(ms: number, nowMs: number): number {
    return this.#find(ms)?.seenMs.filter((atMs) => nowMs - atMs > BURST_MS).length ?? 0;
  }

  /** The probability that so many observations agree by chance, if each request has an independent time. */
  likeByChance(ms: number, nowMs: number): number {
    const all = this.#times.reduce((sum, { seenMs }) => sum + seenMs.length, 0);
    const alike = this.like(ms, nowMs);
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
      const { seenMs, connectionIds } = known;
      while ((seenMs.at(-1) ?? Number.NEGATIVE_INFINITY) >= sinceMs) {
        seenMs.pop();
        connectionIds.pop();
      }
      if (seenMs.length === 0) this.#times.splice(this.#times.indexOf(known), 1);
    }
  }

  #find(ms: number): Repeated | undefined {
    return this.#times.findLast((one) => Math.abs(one.ms - ms) <= ms * 0.02);
  }
}
