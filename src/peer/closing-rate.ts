/** Closings that are farther apart than this are two events. */
const SAME_EVENT_MS = 1_000;
/** How many closings are kept. */
const KEPT = 16;
/** Older closings are forgotten after one to two of these periods. */
const SPAN_MS = 300_000;
/** Closings that belong to one event differ by less than this. */
const APART_MS = 50;
/** Closings that the event loop sees in one iteration are at most this far apart. */
const LOOK_MS = 5;

interface RecentClosing {
  readonly atMs: number;
  readonly ageMs: number;
}

/**
 * How often an origin closes connections, and when it closed the most recent ones. Several closings at once are
 * evidence only as far as this rate does not explain them. Constant memory.
 */
export class ClosingRate {
  /**
   * When the most recent closings happened, oldest first, and at which age. Two arrays of numbers take half the memory
   * of objects.
   */
  readonly #atMs: number[] = [];
  readonly #ageMs: number[] = [];
  #count = 0;
  #sinceMs: number | undefined;
  #earlierCount = 0;
  #earlierMs = 0;

  /** The first connection was established: from now on the peer may close some. */
  begin(nowMs: number): void {
    this.#sinceMs ??= nowMs;
  }

  /**
   * `ageMs`: how long the connection had been idle, or its request in flight. Closings at one time and age are one
   * event.
   */
  add(atMs: number, ageMs: number): void {
    this.begin(atMs);
    const apartMs = Math.max(APART_MS, ageMs * 0.05);
    if (this.recent(atMs).some((one) => Math.abs(one.ageMs - ageMs) <= apartMs)) return;
    this.#forget(atMs);
    this.#count += 1;
    if (this.#atMs.length === KEPT) {
      this.#atMs.shift();
      this.#ageMs.shift();
    }
    this.#atMs.push(atMs);
    this.#ageMs.push(ageMs);
  }

  /** The closings of the last second, oldest first, as far as they are kept. */
  recent(nowMs: number): readonly RecentClosing[] {
    const all = this.#atMs.map((atMs, i) => ({ atMs, ageMs: this.#ageMs[i] ?? 0 }));
    return all.filter(({ atMs }) => nowMs - atMs <= SAME_EVENT_MS);
  }

  /**
   * The probability that at least `count` connections are closed within `windowMs` by chance, given the closings seen
   * before. Counts at a constant but unknown rate follow a negative binomial distribution: after few observations many
   * closings are still plausible.
   */
  chanceOf(count: number, windowMs: number, nowMs: number): number {
    this.#forget(nowMs);
    const widthMs = Math.max(LOOK_MS, windowMs);
    const before = Math.max(0, this.#count + this.#earlierCount - count);
    const seenMs = Math.max(1, nowMs - (this.#sinceMs ?? nowMs) + this.#earlierMs - widthMs);
    const share = widthMs / (seenMs + widthMs);
    let term = (1 - share) ** (before + 1);
    let fewer = 0;
    for (let n = 0; n < count; n += 1) {
      fewer += term;
      term *= (share * (before + 1 + n)) / (n + 1);
    }
    return Math.max(0, 1 - fewer);
  }

  #forget(nowMs: number): void {
    const seenMs = nowMs - (this.#sinceMs ?? nowMs);
    if (seenMs < SPAN_MS) return;
    const isRecent = seenMs < 2 * SPAN_MS;
    this.#earlierCount = isRecent ? this.#count : 0;
    this.#earlierMs = isRecent ? seenMs : 0;
    this.#count = 0;
    this.#sinceMs = nowMs;
  }
}
