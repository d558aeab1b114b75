import type { Origin } from '../../peer/origin';
import type { Evidence } from './evidence';

/** Beyond this, on top of the round trip, a closing is later than anything that our first byte alone could cause. */
const LATE_MS = 10;
/** Less waiting than this is none. */
const PENDING_MS = 0.05;

/** Nothing that the request caused can arrive in less than a round trip: known from three connects. */
export function isEarly(e: Evidence): boolean {
  return earlySign(e) === 'likely';
}

/**
 * The end came sooner than the fastest round trip known, so the peer did not react to this request: `possible` with one or
 * two connects known, `likely` from three. Undefined if it came later, or nothing is known. Useless on loopback.
 */
export function earlySign({ nowMs, exchange: { firstWriteMs, origin } }: Evidence): 'likely' | 'possible' | undefined {
  const roundTrip = origin?.connectMs ?? 0;
  if (firstWriteMs === undefined || roundTrip < 2 || nowMs - firstWriteMs >= roundTrip * 0.9) return undefined;
  return origin?.rttMs === undefined ? 'possible' : 'likely';
}

/**
 * The loop found it at its first look, without waiting. No proof: on loopback a peer that drops a request at once is as
 * fast as one that had closed before.
 */
export function wasInKernel(waitedMs: number): boolean {
  return waitedMs < PENDING_MS;
}

/** Clearly later than a round trip, counting only time in which this process waited. */
export function isLate({ waitedMs, exchange: { origin } }: Evidence): boolean {
  return waitedMs > roundTripMs(origin) + LATE_MS;
}

/**
 * At least a round trip: the fastest connect is not longer than one (a relay on the way may accept for the peer), the
 * fastest answer is not shorter than one.
 */
export function roundTripMs(origin: Origin | undefined): number {
  return Math.max(2 * (origin?.connectMs ?? 0), 1.5 * (origin?.roundTrip.fastestAnswerMs ?? 0));
}
