import { SHORTEST_TIMEOUT_MS } from './idle-timeout';

const KEPT = 8;
/** Closings of one origin within this time are one event. */
const BURST_MS = 1_000;

/** Requests that are dropped together on purpose end after times that lie less apart. */
const APART_MS = 50;

interface Cut {
  readonly atMs: number;
  readonly elapsedMs: number;
}

/** Requests that were cut after the same time, in moments of their own. */
interface Repeated {
  /** Their mean. */
  elapsedMs: number;
  atMs: number;
  times: number;
}

/** When the peer closed connections with a request in flight, and how long after the acquire. Constant memory. */
export class InFlightClosings {
  /** The last ones. */
  readonly #last: Cut[] = [];
  /** By elapsed time, the one that was seen last at the end: many cuts of one moment do not push the others out. */
  readonly #repeated: Repeated[] = [];

  add(atMs: number, elapsedMs: number): void {
    if (this.#last.length === KEPT) this.#last.shift();
    this.#last.push({ atMs, elapsedMs });
    if (elapsedMs < SHORTEST_TIMEOUT_MS) return;
    const repeated = this.#repeated;
    const known = this.#like(elapsedMs);
    if (known === undefined) {
      if (repeated.length === KEPT) repeated.shift();
      repeated.push({ atMs, elapsedMs, times: 1 });
    } else if (atMs - known.atMs > BURST_MS) {
      known.atMs = atMs;
      known.times += 1;
      known.elapsedMs += (elapsedMs - known.elapsedMs) / known.times;
      repeated.push(...repeated.splice(repeated.indexOf(known), 1));
    }
  }

  /**
   * Other requests that were in flight beside the one that was acquired at `acquiredMs` and died in the same moment, at
   * other elapsed times: a limit on the time of a request would cut at one.
   */
  beside(acquiredMs: number, nowMs: number): number {
    const elapsedMs = nowMs - acquiredMs;
    return this.#last.filter(
      (cut) =>
        cut.atMs >= acquiredMs &&
        nowMs - cut.atMs <= BURST_MS &&
        Math.abs(cut.elapsedMs - elapsedMs) > Math.max(elapsedMs * 0.05, APART_MS),
    ).length;
  }

  /** How often requests were cut after this time before, within 2 %, in other moments than this one. */
  like(elapsedMs: number, nowMs: number): number {
    const known = this.#like(elapsedMs);
    if (known === undefined) return 0;
    return nowMs - known.atMs <= BURST_MS ? known.times - 1 : known.times;
  }

  #like(elapsedMs: number): Repeated | undefined {
    return this.#repeated.findLast((one) => Math.abs(one.elapsedMs - elapsedMs) <= elapsedMs * 0.02);
  }
}
