/** Spans of time that are kept for each place. */
const MOST = 2_000;

/**
 * When at least one connection to a place is known to have been alive and well, as separate spans of time. A moment
 * inside one of them did not end every connection to that place. Memory is bounded: when there are too many, the oldest
 * two become one, which claims too much life and never too little, so that it can only hide a restart.
 */
export class Lifetimes {
  readonly #from: number[] = [];
  readonly #to: number[] = [];

  add(fromMs: number, toMs: number): void {
    if (!(fromMs <= toMs)) return;
    let first = this.#to.length;
    while (first > 0 && (this.#to[first - 1] ?? 0) >= fromMs) first -= 1;
    let after = first;
    let [from, to] = [fromMs, toMs];
    while (after < this.#from.length && (this.#from[after] ?? 0) <= toMs) {
      from = Math.min(from, this.#from[after] ?? from);
      to = Math.max(to, this.#to[after] ?? to);
      after += 1;
    }
    this.#from.splice(first, after - first, from);
    this.#to.splice(first, after - first, to);
    if (this.#from.length <= MOST) return;
    this.#from.splice(1, 1);
    this.#to.splice(0, 1);
  }

  /** A connection was there before `fromMs` and still worked after `toMs`. */
  spans(fromMs: number, toMs: number): boolean {
    const last = this.#startedBefore(fromMs);
    return (this.#to[last] ?? Number.NEGATIVE_INFINITY) > toMs;
  }

  /** A connection was alive at some time between these two. */
  touches(fromMs: number, toMs: number): boolean {
    const last = this.#startedBefore(toMs);
    return (this.#to[last] ?? Number.NEGATIVE_INFINITY) > fromMs;
  }

  /** The last span of time that began before; -1 if none did. */
  #startedBefore(ms: number): number {
    let [low, high] = [0, this.#from.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#from[middle] ?? 0) < ms) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
