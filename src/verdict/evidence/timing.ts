import type { Origin } from '../../peer/origin';
import type { Evidence } from './evidence';

/** A closing that comes this much later than a round trip is too late to be caused by our first byte alone. */
const LATE_MS = 10;
/** Within this time, a closing that is there is noticed. */
const PROMPT_MS = 2;
/** The first poll may come before the peer can have ended the connection, and the one that found the end is the last. */
const LOOKS = 4;
/** How long what was seen of the peer counts as recent. */
export const RECENT_MS = 60_000;
/** Many idle timeouts are shorter. */
export const LONG_IDLE_MS = 60_000;
/** Hardly any NAT, load balancer or firewall forgets a silent connection sooner. */
export const FORGOTTEN_MS = 30_000;
/** Hardly any path except a satellite link has a longer round trip. */
const FARTHEST_MS = 300;
/** A firewall that inspects new connections may make a connect slower than what follows: hence a margin. */
const FAR_SOONER = 0.25;
/** An end that may have been noticed later than this share of the elapsed time says little about when it happened. */
export const UNSEEN_SHARE = 0.1;
/** Waiting for less than this counts as no waiting. */
const PENDING_MS = 0.05;

type Moment = Pick<Evidence, 'nowMs' | 'exchange'>;

/**
 * The closing, or the answer, came sooner than the fastest known round trip: the peer did not react to this request,
 * unless the path has become faster since (a full queue somewhere has drained, a VPN is off). False if nothing is known:
 * a connection whose own connect was not measured may take another way, through a proxy. Meaningless on loopback.
 */
export function isEarly({ nowMs, exchange: { firstWriteMs, origin, connection } }: Moment): boolean {
  const roundTrip = connection?.connectMs === undefined ? 0 : (origin?.fastestMs ?? 0);
  return firstWriteMs !== undefined && roundTrip >= 2 && nowMs - firstWriteMs < roundTrip * 0.9;
}

/** Whether it came far sooner than a round trip on which connects and answers agree (`RoundTrip.sureMs`). */
export function isFarTooEarly(e: Moment): boolean {
  const { nowMs, exchange } = e;
  const sureMs = exchange.origin?.rttMs ?? 0;
  return isEarly(e) && nowMs - (exchange.firstWriteMs ?? nowMs) < sureMs * FAR_SOONER;
}

/**
 * The event loop found the closing at its first poll, without waiting. This is no proof: on loopback a peer that drops
 * a request immediately is as fast as one that had already closed.
 */
export function wasInKernel(waitedMs: number): boolean {
  return waitedMs < PENDING_MS;
}

/**
 * Clearly later than a round trip, counting only time in which this process waited, or all time if it went on polling
 * without waiting. One of several machines behind a name may be much farther away than the nearest.
 */
export function isAfterRoundTrip(e: Evidence): boolean {
  const { nowMs, waitedMs, exchange } = e;
  const ownMs = Math.min(exchange.connection?.connectMs ?? 0, FARTHEST_MS);
  const lateMs = Math.max(lateAfterMs(exchange.origin), ownMs + LATE_MS);
  return waitedMs > lateMs || (hasLooked(e) && nowMs - (exchange.firstWriteMs ?? nowMs) > lateMs);
}

/**
 * Within a round trip, as far as a connect shows how long that is: a closing that was on its way when the request left
 * comes no later, but a reaction may come as soon.
 */
export function isPrompt({ waitedMs, exchange: { origin, connection } }: Evidence): boolean {
  const connectMs = Math.max(origin?.fastestMs ?? 0, connection?.connectMs ?? 0);
  return waitedMs <= Math.min(connectMs, FARTHEST_MS) + PROMPT_MS;
}

/** The origin has answered a request within the last minute. */
export function answeredRecently({ nowMs, exchange: { origin } }: Moment): boolean {
  return nowMs - (origin?.lastOkMs ?? Number.NEGATIVE_INFINITY) <= RECENT_MS;
}

/** The event loop has polled several times since the first write. */
export function hasLooked({ polls = 0 }: Evidence): boolean {
  return polls >= LOOKS;
}

/** What comes later than this after something that we sent is more than the answer to that. */
export function lateAfterMs(origin: Origin | undefined): number {
  return roundTripMs(origin) + LATE_MS;
}

/**
 * At least a round trip: the fastest connect takes no longer than one (a relay on the path may accept for the peer),
 * the fastest answer takes at least one. Where all answers are slow, that is the peer's work and not the path.
 */
export function roundTripMs(origin: Origin | undefined): number {
  const answerMs = Math.min(origin?.roundTrip.fastestAnswerMs ?? 0, FARTHEST_MS);
  return Math.max(2 * (origin?.fastestMs ?? 0), 1.5 * answerMs);
}
