/** Connections that are kept for each place. */
const MOST = 2_000;
/** Requests whose connections began so close together are on one connection: ages are whole milliseconds. */
const SAME_MS = 2;

/**
 * When connections to a place are known to have been alive and well. A moment inside the life of one of them did not end
 * every connection to that place. Lives inside a longer one say nothing more and are not kept. Memory is bounded: when
 * there are too many, the oldest two become one, which claims too much life: for that time nothing is proven any longer.
 */
export class Lifetimes {
  /** Both ascend, because none is inside another. */
  readonly #from: number[] = [];
  readonly #to: number[] = [];
  #provenFromMs = Number.NEGATIVE_INFINITY;

  add(fromMs: number, toMs: number): void {
    if (!(fromMs <= toMs)) return;
    let [from, to] = [fromMs, toMs];
    const first = this.#startedBefore(fromMs - SAME_MS) + 1;
    let after = first;
    for (; (this.#from[after] ?? Number.POSITIVE_INFINITY) <= fromMs + SAME_MS; after += 1) {
      from = Math.min(from, this.#from[after] ?? from);
      to = Math.max(to, this.#to[after] ?? to);
    }
    // Inside a longer life, or around shorter ones.
    if ((this.#to[first - 1] ?? Number.NEGATIVE_INFINITY) >= to) return;
    while ((this.#to[after] ?? Number.POSITIVE_INFINITY) <= to) after += 1;
    this.#from.splice(first, after - first, from);
    this.#to.splice(first, after - first, to);
    if (this.#from.length <= MOST) return;
    this.#provenFromMs = this.#to[1] ?? this.#provenFromMs;
    this.#from.splice(1, 1);
    this.#to.splice(0, 1);
  }

  /** A connection was there before `fromMs` and still worked after `toMs`; undefined if that is no longer known. */
  spans(fromMs: number, toMs: number): boolean | undefined {
    const last = this.#startedBefore(fromMs);
    if (!((this.#to[last] ?? Number.NEGATIVE_INFINITY) > toMs)) return false;
    return fromMs > this.#provenFromMs || undefined;
  }

  /** A connection was alive at some time between these two. */
  touches(fromMs: number, toMs: number): boolean {
    const last = this.#startedBefore(toMs);
    return (this.#to[last] ?? Number.NEGATIVE_INFINITY) > fromMs;
  }

  /** The last that began before; -1 if none did. */
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
