import { SHORTEST_TIMEOUT_MS } from './idle/idle-timeout';
import { RepeatedTimes } from './repeated-times';

const KEPT = 8;
/** Closings of one origin within this time are one event. */
const BURST_MS = 1_000;
/** Requests that are dropped together on purpose end after times that lie less apart. */
const APART_MS = 50;

/** The peer ended a connection with a request in flight. */
export interface InFlightClosing {
  readonly atMs: number;
  /** Acquire → end. */
  readonly elapsedMs: number;
  /** The last byte that was read → end; all of the time if there was none. Undefined: not seen. */
  readonly silentMs: number | undefined;
  readonly connectionId: number | undefined;
}

/** A time that in-flight closings share. */
export interface TimeLimit {
  readonly ms: number;
  /** Whether it is counted from the last byte that was read, and not from the acquire. */
  readonly isSilence: boolean;
  /** How often it was seen before. */
  readonly times: number;
  /** How likely it is that so many are alike by chance. */
  readonly chance: number;
}

/** When the peer closed connections with a request in flight, and how long that had been under way. Constant memory. */
export class InFlightClosings {
  /** The last ones, oldest first. */
  readonly #last: InFlightClosing[] = [];
  readonly #elapsed = new RepeatedTimes();
  readonly #silent = new RepeatedTimes();

  /**
   * Returns false if a request on that connection was counted already: together they are one witness. `mayBeLimit`: its
   * times may show a time limit of the peer.
   */
  add(closing: InFlightClosing, mayBeLimit = true): boolean {
    const { atMs, elapsedMs, silentMs, connectionId } = closing;
    if (connectionId !== undefined && this.#last.some((one) => one.connectionId === connectionId)) return false;
    if (this.#last.length === KEPT) this.#last.shift();
    this.#last.push(closing);
    if (!mayBeLimit) return true;
    this.#elapsed.add(atMs, elapsedMs, connectionId);
    if (silentMs !== undefined && silentMs < elapsedMs) this.#silent.add(atMs, silentMs, connectionId);
    return true;
  }

  /**
   * Others that ended in the moment in which this one did, oldest first. `apart`: each is a witness of its own. `together`:
   * those that were alike in age, or had fallen silent together, were ended by one time limit; and where it was not seen
   * for how long they had been silent, they may have been.
   */
  beside(closing: InFlightClosing): { readonly apart: InFlightClosing[]; readonly together: InFlightClosing[] } {
    const { atMs: nowMs, elapsedMs } = closing;
    const apart: InFlightClosing[] = [];
    const together: InFlightClosing[] = [];
    for (const one of this.#last) {
      if (nowMs - one.atMs > BURST_MS || one.atMs < nowMs - elapsedMs) continue;
      const isKnown = [closing, ...apart].some((known) => isSameWitness(known, one));
      (isKnown ? together : apart).push(one);
    }
    return { apart, together };
  }

  /** The time that this one shares with earlier ones, in other moments; undefined if it shares none. */
  limitOf({ atMs, elapsedMs, silentMs }: InFlightClosing): TimeLimit | undefined {
    const elapsed = timeLimit(this.#elapsed, elapsedMs, atMs, false);
    const silent = silentMs === undefined ? undefined : timeLimit(this.#silent, silentMs, atMs, true);
    return (silent?.times ?? 0) > (elapsed?.times ?? 0) ? silent : elapsed;
  }

  /** The peer turned out to be gone: what ended in this moment shows no time limit. */
  forgetMoment(nowMs: number): void {
    this.#elapsed.forgetSince(nowMs - BURST_MS);
    this.#silent.forgetSince(nowMs - BURST_MS);
  }
}

function timeLimit(seen: RepeatedTimes, ms: number, nowMs: number, isSilence: boolean): TimeLimit | undefined {
  const times = seen.like(ms, nowMs);
  return times === 0 ? undefined : { ms, isSilence, times, chance: seen.likeByChance(ms, nowMs) };
}

function isSameWitness(a: InFlightClosing, b: InFlightClosing): boolean {
  if (a.connectionId !== undefined && a.connectionId === b.connectionId) return true;
  if (isNear(a.elapsedMs, b.elapsedMs) || a.silentMs === undefined || b.silentMs === undefined) return true;
  return Math.min(a.silentMs, b.silentMs) >= SHORTEST_TIMEOUT_MS && isNear(a.silentMs, b.silentMs);
}

function isNear(a: number, b: number): boolean {
  return Math.abs(a - b) <= Math.max(a * 0.05, APART_MS);
}
