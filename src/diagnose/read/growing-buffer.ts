/** The longest line, the longest document and the longest answer, in bytes. */
export const LONGEST_BYTES = 256 * 1024 * 1024;
const FIRST_BYTES = 256 * 1024;
/** More than this is given back when it is cleared. */
const KEPT_BYTES = 4 * 1024 * 1024;

/** Bytes that arrive in parts. Its memory is reused, so reading many lines creates no garbage. */
export class GrowingBuffer {
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  /** Of all that arrived, kept or not. */
  length = 0;

  /** What arrived; valid until the next change, and empty if it was too long. */
  get bytes(): Buffer {
    return this.isTooLong ? this.#bytes.subarray(0, 0) : this.#bytes.subarray(0, this.length);
  }

  get isTooLong(): boolean {
    return this.length > LONGEST_BYTES;
  }

  append(part: Buffer): void {
    const length = this.length + part.length;
    if (length > this.#bytes.length && length <= LONGEST_BYTES) {
      const larger = Buffer.allocUnsafe(Math.min(LONGEST_BYTES, Math.max(length, this.#bytes.length * 2)));
      this.bytes.copy(larger);
      this.#bytes = larger;
    }
    if (length <= LONGEST_BYTES) part.copy(this.#bytes, this.length);
    this.length = length;
  }

  clear(): void {
    this.length = 0;
    if (this.#bytes.length > KEPT_BYTES) this.#bytes = Buffer.allocUnsafe(FIRST_BYTES);
  }
}
