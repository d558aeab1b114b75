import type { Evidence } from './evidence';
import { advisedLimitMs } from './facts';
import type { Transport } from './failure';

/** Beyond this, on top of the round trip, a closing is later than anything that our first byte alone could cause. */
const LATE_MS = 10;
/** Less waiting than this is none. */
const PENDING_MS = 0.05;
export const MINUTE_MS = 60_000;
const MOMENT_MS = 1_000;

/** What speaks for one cause or another where a reused connection ended with no byte back. Each has a few values. */
export interface Features {
  /**
   * When the end came, in time that this process waited since its first write. `unsent`: nothing left. `early`: sooner
   * than a round trip. `kernel`: it was there already. `round`: about one round trip. `late`: clearly later.
   */
  readonly when: 'unsent' | 'early' | 'kernel' | 'round' | 'late';
  /**
   * The idle age: `beyond` the advised limit of a peer whose limit is known, or else `long`, a minute and more, or else
   * `within` the limit. Not known: `unusual`, longer than all reuses that went well, or `usual`.
   */
  readonly idle: 'beyond' | 'within' | 'long' | 'unusual' | 'usual';
  readonly kind: 'closed' | 'reset' | 'broken_pipe' | 'other';
  /** The peer retires connections after as many requests, or at this age. */
  readonly retired: 'yes' | 'no';
  /** Earlier requests that ended after the same time. */
  readonly alike: 'none' | 'some' | 'many';
  /** Other requests, of other ages, that ended in this moment. */
  readonly beside: 'none' | 'some' | 'many';
  /** The last connect was refused, in this moment. */
  readonly refused: 'yes' | 'no';
  readonly upload: 'yes' | 'no';
  /** Other requests to the origin were answered within the last minute. */
  readonly answers: 'yes' | 'no';
}

export function featuresOf(e: Evidence, t: Transport): Features {
  const { exchange, nowMs } = e;
  const { origin, acquiredMs = 0 } = exchange;
  const alike = origin?.cutsLike(nowMs - acquiredMs, nowMs) ?? 0;
  const beside = origin?.cutsBeside(acquiredMs, nowMs) ?? 0;
  const isKnownKind = t.kind === 'closed' || t.kind === 'reset' || t.kind === 'broken_pipe';
  return {
    when: whenOf(e, t),
    idle: idleOf(e),
    kind: isKnownKind ? t.kind : 'other',
    retired: origin?.isRetired(exchange.reuseCount, exchange.ageMs) ? 'yes' : 'no',
    alike: alike >= 4 ? 'many' : alike >= 1 ? 'some' : 'none',
    beside: beside >= 2 ? 'many' : beside >= 1 ? 'some' : 'none',
    refused: nowMs - (origin?.refusedMs ?? Number.NEGATIVE_INFINITY) <= MOMENT_MS ? 'yes' : 'no',
    upload: t.phase === 'request' ? 'yes' : 'no',
    answers: nowMs - (origin?.lastOkMs ?? Number.NEGATIVE_INFINITY) <= MINUTE_MS ? 'yes' : 'no',
  };
}

function whenOf(e: Evidence, t: Transport): Features['when'] {
  if (t.sent === 'none') return 'unsent';
  if (isEarly(e)) return 'early';
  if (wasInKernel(e.waitedMs)) return 'kernel';
  return isLate(e) ? 'late' : 'round';
}

function idleOf({ exchange: { origin, idleMs = 0 } }: Evidence): Features['idle'] {
  const limitMs = origin?.peerTimeout()?.ms;
  if (limitMs !== undefined && idleMs >= advisedLimitMs(limitMs)) return 'beyond';
  if (idleMs >= MINUTE_MS) return 'long';
  if (limitMs !== undefined) return 'within';
  return idleMs > (origin?.okIdleMs ?? -1) ? 'unusual' : 'usual';
}

/** Nothing that the request caused can arrive in less than a round trip (useless on loopback). */
function isEarly({ nowMs, exchange: { firstWriteMs, origin } }: Evidence): boolean {
  const roundTrip = origin?.rttMs ?? 0;
  return firstWriteMs !== undefined && roundTrip >= 2 && nowMs - firstWriteMs < roundTrip * 0.9;
}

/**
 * The loop found it at its first look, without waiting. No proof: on loopback a peer that drops a request at once is as
 * fast as one that had closed before.
 */
export function wasInKernel(waitedMs: number): boolean {
  return waitedMs < PENDING_MS;
}

/**
 * Clearly later than a round trip, counting only time in which this process waited. The fastest connect is not longer
 * than a round trip (a relay on the way may accept for the peer), the fastest answer is not shorter than one.
 */
export function isLate({ waitedMs, exchange: { origin } }: Evidence): boolean {
  return waitedMs > Math.max(2 * (origin?.connectMs ?? 0), 1.5 * (origin?.fastestAnswerMs ?? 0)) + LATE_MS;
}
