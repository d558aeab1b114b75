/** Each class of durations is 5 % wide; the last one begins at about 4 hours. */
const WIDTH = Math.log(1.05);
const CLASSES = 340;

/** How long requests took, to within 5 %, in constant memory. */
export class Durations {
  readonly #counts = new Uint32Array(CLASSES);

  add(ms: number): void {
    if (!(ms >= 0)) return;
    const place = Math.min(CLASSES - 1, Math.floor(Math.log(Math.max(1, ms)) / WIDTH));
    this.#counts[place] = (this.#counts[place] ?? 0) + 1;
  }

  /** How many took longer than this, and surely so. */
  longerThan(ms: number): number {
    const first = Math.floor(Math.log(Math.max(1, ms)) / WIDTH) + 1;
    return this.#counts.subarray(first).reduce((sum, count) => sum + count, 0);
  }
}
