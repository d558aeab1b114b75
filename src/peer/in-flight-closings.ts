import { SHORTEST_TIMEOUT_MS } from './idle/idle-timeout';
import { type Observation, RepeatedTimes } from './repeated-times';

const KEPT = 8;
/** Closings of one origin within this time are one event. */
const BURST_MS = 1_000;
/** Requests that the peer ends on purpose at the same time have elapsed times that differ by less than this. */
const APART_MS = 50;

/** The peer closed a connection with a request in flight. */
export interface InFlightClosing {
  readonly atMs: number;
  /** From the acquire, or from when it was established, to the closing. */
  readonly elapsedMs: number;
  /** From the last byte read to the closing; the whole elapsed time if no byte was read. Undefined if unknown. */
  readonly silentMs: number | undefined;
  readonly connectionId: number | undefined;
  /** The connection's age at the closing; undefined if unknown. */
  readonly connectionMs: number | undefined;
}

/** A time after which several in-flight closings happened. */
export interface TimeLimit {
  readonly ms: number;
  /** True if it is measured from the last byte read, false if it is the whole `elapsedMs`. */
  readonly isSilence: boolean;
  /** The earlier closings after this time, oldest first. */
  readonly seen: readonly Observation[];
  /** The probability that so many closings agree by chance. */
  readonly chance: number;
  /**
   * Idle connections closed together with more than a third of them: a crashing worker takes its idle connections with
   * it.
   */
  readonly isAccompanied: boolean;
}

/**
 * When the peer closed connections with a request in flight, and how long each request had been in flight. Constant
 * memory.
 */
export class InFlightClosings {
  /** The most recent closings, oldest first. */
  readonly #last: InFlightClosing[] = [];
  /** Those with which an idle connection closed. */
  readonly #accompanied = new WeakSet<InFlightClosing>();
  readonly #elapsed = new RepeatedTimes();
  readonly #silent = new RepeatedTimes();

  /**
   * Returns false if a request on that connection was already counted, because requests on one connection are not
   * independent. `mayBeLimit`: the elapsed time may reveal a time limit of the peer.
   */
  add(closing: InFlightClosing, mayBeLimit = true): boolean {
    const { atMs, elapsedMs, silentMs, connectionId, connectionMs } = closing;
    if (connectionId !== undefined && this.#last.some((one) => one.connectionId === connectionId)) return false;
    if (this.#last.length === KEPT) this.#last.shift();
    this.#last.push(closing);
    if (!mayBeLimit) return true;
    const observed = { atMs, connectionId: connectionId ?? 0, connectionMs };
    this.#elapsed.add(elapsedMs, observed);
    if (silentMs !== undefined && silentMs < elapsedMs) this.#silent.add(silentMs, observed);
    return true;
  }

  /**
   * Other closings at the same time that share a time limit with this one or with one another, oldest first: their elapsed
   * or silent times are equal, or may be, because one silent time is unknown.
   */
  explainedTogether(closing: InFlightClosing): readonly InFlightClosing[] {
    const { atMs: nowMs, elapsedMs } = closing;
    const witnesses = [closing];
    const together: InFlightClosing[] = [];
    for (const one of this.#last) {
      if (nowMs - one.atMs > BURST_MS || one.atMs < nowMs - elapsedMs) continue;
      const isKnown = witnesses.some((known) => isSameWitness(known, one));
      (isKnown ? together : witnesses).push(one);
    }
    return together;
  }

  /** The peer closed an idle connection in the same moment as those since then. */
  noteCompanion(sinceMs: number): void {
    for (const one of this.#last) if (one.atMs >= sinceMs) this.#accompanied.add(one);
  }

  /** The time that this closing shares with earlier ones at other times; undefined if there is none. */
  limitOf({ atMs, elapsedMs, silentMs }: InFlightClosing): TimeLimit | undefined {
    const elapsed = timeLimit(this.#elapsed, elapsedMs, atMs, false);
    const silent = silentMs === undefined ? undefined : timeLimit(this.#silent, silentMs, atMs, true);
    const limit = (silent?.seen.length ?? 0) > (elapsed?.seen.length ?? 0) ? silent : elapsed;
    if (limit === undefined) return undefined;
    const like = this.#last.filter((one) => isNear((limit.isSilence ? one.silentMs : one.elapsedMs) ?? 0, limit.ms));
    const accompanied = like.filter((one) => this.#accompanied.has(one));
    return { ...limit, isAccompanied: accompanied.length * 3 > like.length };
  }

  /** The peer turned out to be gone: the closings at this time reveal no time limit. */
  forgetMoment(nowMs: number): void {
    this.#elapsed.forgetSince(nowMs - BURST_MS);
    this.#silent.forgetSince(nowMs - BURST_MS);
  }
}

function timeLimit(
  times: RepeatedTimes,
  ms: number,
  nowMs: number,
  isSilence: boolean,
): Omit<TimeLimit, 'isAccompanied'> | undefined {
  const seen = times.like(ms, nowMs);
  return seen.length === 0 ? undefined : { ms, isSilence, seen, chance: times.likeByChance(ms, nowMs) };
}

function isSameWitness(a: InFlightClosing, b: InFlightClosing): boolean {
  if (a.connectionId !== undefined && a.connectionId === b.connectionId) return true;
  if (isNear(a.elapsedMs, b.elapsedMs) || a.silentMs === undefined || b.silentMs === undefined) return true;
  return Math.min(a.silentMs, b.silentMs) >= SHORTEST_TIMEOUT_MS && isNear(a.silentMs, b.silentMs);
}

function isNear(a: number, b: number): boolean {
  return Math.abs(a - b) <= Math.max(a * 0.05, APART_MS);
}
