const SYN_TIMEOUT_MS = 1_000;
/** Connects that come sooner after another one are of the same moment. */
const SAME_CONNECTS_MS = 100;
const HOUR_MS = 3_600_000;

/**
 * How long a round trip to an origin takes: the fastest TCP connect or answer, counting only time in which this process
 * waited. Meaningless on loopback. Constant memory.
 */
export class RoundTrip {
  /**
   * From the first write to the response headers, the fastest so far: no round trip takes longer. Undefined before the
   * first.
   */
  fastestAnswerMs: number | undefined;
  /** The slowest answer of the last hour or two; 0 before the first. */
  slowestAnswerMs = 0;
  #slowestAtMs = Number.NEGATIVE_INFINITY;
  #moments = 0;
  #connectedMs = Number.NEGATIVE_INFINITY;
  #fastestConnectMs = Number.POSITIVE_INFINITY;

  connected(nowMs: number, roundTripMs: number): void {
    if (nowMs - this.#connectedMs > SAME_CONNECTS_MS) this.#moments += 1;
    this.#connectedMs = nowMs;
    this.#fastestConnectMs = Math.min(this.#fastestConnectMs, roundTripMs);
  }

  answered(nowMs: number, waitedMs: number): void {
    if (waitedMs > this.slowestAnswerMs || nowMs - this.#slowestAtMs > HOUR_MS) {
      this.slowestAnswerMs = waitedMs;
      this.#slowestAtMs = nowMs;
    }
    if (this.fastestAnswerMs === undefined || waitedMs < this.fastestAnswerMs) this.fastestAnswerMs = waitedMs;
  }

  /** The fastest connect or answer so far, however few there were; 0 before the first connect. */
  get fastestMs(): number {
    return this.#moments === 0 ? 0 : Math.min(this.#fastestConnectMs, this.fastestAnswerMs ?? this.#fastestConnectMs);
  }

  /**
   * The same; undefined before there were connects at three separate times, because all at one time may have been slow,
   * if each of them lost a SYN (RFC 6298: a second), or if the fastest answer took another time than the fastest connect:
   * a firewall may hold connects, and a server may work on each request, but hardly for the same time.
   */
  get sureMs(): number | undefined {
    const { fastestAnswerMs: answerMs = Number.NaN } = this;
    const isAgreed = answerMs >= this.#fastestConnectMs * 0.9 && answerMs <= this.#fastestConnectMs * 1.5;
    return this.#moments < 3 || !isAgreed || this.fastestMs >= SYN_TIMEOUT_MS ? undefined : this.fastestMs;
  }
}
