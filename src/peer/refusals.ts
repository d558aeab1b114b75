/** For this long after a refused connect, the peer is assumed to refuse others. */
export const REFUSING_MS = 1_000;

/** The connects to an origin that were refused lately. */
export class Refusals {
  /** When a connect was last refused, and at which address; undefined if unknown. */
  #lastMs = Number.NEGATIVE_INFINITY;
  #address: string | undefined;
  /** When the current series of refusals began. */
  #firstMs = Number.NEGATIVE_INFINITY;

  add(nowMs: number, address: string | undefined): void {
    if (nowMs - this.#lastMs > REFUSING_MS) this.#firstMs = nowMs;
    this.#lastMs = nowMs;
    this.#address = address;
  }

  /**
   * A connect was refused just now, and no request was answered, at `lastOkMs`, since the first of these refusals: a
   * limiter refuses some and answers others. If several machines share the name, the refusal was from `address`, or one
   * of the two addresses is unknown. `sinceMs`: an earlier refusal does not count, because the peer accepted a connection
   * then.
   */
  areUnanswered(
    nowMs: number,
    lastOkMs = Number.NEGATIVE_INFINITY,
    address?: string,
    sinceMs = Number.NEGATIVE_INFINITY,
  ): boolean {
    if (this.#address !== undefined && address !== undefined && this.#address !== address) return false;
    if (nowMs - this.#lastMs > REFUSING_MS) return false;
    return lastOkMs < this.#firstMs && sinceMs < this.#lastMs;
  }
}
