import { grantMs } from '../../peer/origin';
import type { Evidence } from '../evidence/evidence';
import { isEarly, isLate, roundTripMs, wasInKernel } from '../evidence/timing';
import type { WireFacts } from '../evidence/wire-facts';
import { inFlightClosingOf } from './restart';

/** Peers keep to their limits as exactly as this. */
const SHARP_MS = 50;
export const MINUTE_MS = 60_000;

/** What speaks for one cause or another where a reused connection ended with no byte back. Each has a few values. */
export interface Features {
  /**
   * When the end came, in time that this process waited since its first write. `unsent`: nothing left. `early`: sooner
   * than a round trip. `kernel`: it was there already. `round`: about one round trip. `late`: clearly later.
   */
  readonly when: 'unsent' | 'early' | 'kernel' | 'round' | 'late';
  /**
   * The idle age: `beyond` the peer's limit, if that is known, or just below it and longer than what connections survived;
   * or else `long`, a minute and more, or else `within` the limit. Not known: `unusual`, longer than what connections
   * survived within the last hour, or `usual`.
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
  /** What became of other connections in this moment that were idle (`IdleTimeout.closings`). */
  readonly siblings: 'restart' | 'younger' | 'none';
  /**
   * After another one was dropped as soon as it was sent, though new or hardly idle, within the last minute, the peer used
   * this connection.
   */
  readonly again: 'yes' | 'no';
}

export function featuresOf(e: Evidence, t: WireFacts): Features {
  const { exchange, nowMs } = e;
  const { origin, acquiredMs = 0, idleMs = 0 } = exchange;
  const closing = inFlightClosingOf(e);
  const alike = (closing && origin?.inFlightClosings.limitOf(closing)?.times) ?? 0;
  const beside = (closing && origin?.inFlightClosings.beside(closing).apart.length) ?? 0;
  const idle = idleOf(e);
  const sinceDropMs = acquiredMs - idleMs - (origin?.droppedMs ?? Number.POSITIVE_INFINITY);
  const isKnownKind = t.kind === 'closed' || t.kind === 'reset' || t.kind === 'broken_pipe';
  return {
    when: whenOf(e, t),
    idle,
    kind: isKnownKind ? t.kind : 'other',
    retired: origin?.isRetired(exchange.reuseCount, exchange.ageMs) ? 'yes' : 'no',
    alike: alike >= 4 ? 'many' : alike >= 1 ? 'some' : 'none',
    beside: beside >= 2 ? 'many' : beside >= 1 ? 'some' : 'none',
    refused: origin?.isRefusing(nowMs) ? 'yes' : 'no',
    upload: t.phase === 'request' ? 'yes' : 'no',
    answers: nowMs - (origin?.lastOkMs ?? Number.NEGATIVE_INFINITY) <= MINUTE_MS ? 'yes' : 'no',
    siblings: origin?.closings(nowMs, idleMs) ?? 'none',
    again: isShort(idle) && sinceDropMs > 0 && sinceDropMs <= MINUTE_MS ? 'yes' : 'no',
  };
}

function whenOf(e: Evidence, t: WireFacts): Features['when'] {
  if (t.sent === 'none') return 'unsent';
  // What the kernel refuses to send had been ended before.
  if (e.exchange.firstWriteFailed || isEarly(e)) return 'early';
  if (wasInKernel(e.waitedMs)) return 'kernel';
  return isLate(e) ? 'late' : 'round';
}

export function idleOf({ nowMs, exchange: { origin, idleMs = 0, peerTimeout: limit } }: Evidence): Features['idle'] {
  const okIdleMs = origin?.okIdleMs(nowMs) ?? 0;
  if (limit !== undefined) {
    // The peer's clock is a round trip ahead, and not quite exact.
    const aheadMs = Math.max(SHARP_MS, limit.ms * 0.02, limit.spreadMs) + Math.min(roundTripMs(origin), limit.ms / 4);
    // What is announced is often less than what is granted: Node grants a second more.
    const grantedMs = limit.source === 'announced' ? grantMs(limit.ms) : limit.ms;
    if (idleMs >= grantedMs || (idleMs >= limit.ms - aheadMs && idleMs > okIdleMs)) return 'beyond';
  }
  if (idleMs >= MINUTE_MS) return 'long';
  if (limit !== undefined) return 'within';
  return idleMs > okIdleMs ? 'unusual' : 'usual';
}

/** Nothing that is known of idleness explains the end of a connection at such an age. */
export function isShort(idle: Features['idle']): boolean {
  return idle === 'usual' || idle === 'within';
}
