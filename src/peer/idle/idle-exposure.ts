/** So much idle time shows a rate; half of what it shows is forgotten then. */
const ENOUGH_MS = 10_000_000;
/** Where little was seen, it is as if the peer had closed half a connection in this time. */
const ASSUMED_MS = 30_000;

/** For how long connections to an origin lay idle, and how many of them the peer closed meanwhile. Constant memory. */
export class IdleExposure {
  #idleMs = 0;
  #closed = 0;

  /** A connection was idle for so long; then it was used again, or the peer closed it. */
  add(idleMs: number, isClosed: boolean): void {
    this.#idleMs += idleMs;
    this.#closed += isClosed ? 1 : 0;
    if (this.#idleMs < ENOUGH_MS) return;
    this.#idleMs /= 2;
    this.#closed /= 2;
  }

  /** How likely it is that the peer closes a given idle connection within so long. */
  closingChance(windowMs: number): number {
    return Math.min(1, (windowMs * (this.#closed + 0.5)) / (this.#idleMs + ASSUMED_MS));
  }
}
