/** Closings that lie farther apart are two events. */
const MOMENT_MS = 1_000;
/** So many of one moment are told apart. */
const KEPT = 16;
/** What was seen is forgotten after one to two of these. */
const SPAN_MS = 300_000;
/** Those of one event lie less apart. */
const APART_MS = 50;
/** Closings that are seen in one look at the loop lie at most so far apart. */
const LOOK_MS = 5;

interface Ending {
  readonly atMs: number;
  readonly ageMs: number;
}

/**
 * How often an origin ends connections, and when it ended the last ones: that some ended in one moment is evidence only as
 * far as that rate does not explain it. Constant memory.
 */
export class ClosingRate {
  /** The last ones, oldest first: when, and at which age. Numbers of their own take half the memory of objects. */
  readonly #atMs: number[] = [];
  readonly #ageMs: number[] = [];
  #count = 0;
  #sinceMs: number | undefined;
  #earlierCount = 0;
  #earlierMs = 0;

  /** The first connection was made: from now on it may end some. */
  begin(nowMs: number): void {
    this.#sinceMs ??= nowMs;
  }

  /** `ageMs`: for how long it had been idle, or its request under way. Those of one moment and age are one event. */
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

  /** Those of the second up to now, oldest first, as far as they are kept. */
  recent(nowMs: number): readonly Ending[] {
    const all = this.#atMs.map((atMs, i) => ({ atMs, ageMs: this.#ageMs[i] ?? 0 }));
    return all.filter(({ atMs }) => nowMs - atMs <= MOMENT_MS);
  }

  /**
   * How likely it is that as many as the last `count`, or more, are ended within `windowMs` by chance alone, going by what
   * was seen before. Counts of a constant but unknown rate are distributed like this (negative binomial): little was seen,
   * much is possible.
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
