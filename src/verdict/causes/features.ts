import type { Exchange } from '../../connection/exchange';
import { grantMs, latestMs, type PeerTimeout } from '../../peer/peer-timeout';
import type { Evidence } from '../evidence/evidence';
import {
  answeredRecently,
  hasLooked,
  isAfterRoundTrip,
  isFarTooEarly,
  isPrompt,
  LONG_IDLE_MS,
  RECENT_MS,
  roundTripMs,
  wasInKernel,
} from '../evidence/timing';
import type { WireFacts } from '../evidence/wire-facts';
import { BY_CHANCE, restartOf } from './restart';

/** The precision with which peers apply their idle timeouts. */
export const SHARP_MS = 50;
/** An event loop that seems not to have polled for longer than this is always busy, and polls without waiting. */
const LONGEST_LOOK_MS = 1_000;

/**
 * The evidence for one cause or another where a reused connection was closed with no byte back. Each feature has a few
 * values, or is a number.
 */
export interface Features {
  /**
   * When the closing was seen, in time that this process waited since the first write. `unsent`: nothing was sent, or
   * the kernel refused the first write, because the connection had already been closed. `early`: sooner than a round
   * trip. `kernel`: it had already arrived. `round`: about one round trip. `late`: clearly later.
   */
  readonly when: 'unsent' | 'early' | 'kernel' | 'round' | 'late';
  /**
   * The idle age. If the peer's idle timeout is known: `beyond` it (or just below it and longer than connections
   * recently survived), otherwise `long` (a minute or more), otherwise `within`. If it is unknown, or this connection
   * was alive so long after it that something else ended it: `unusual` if longer than connections survived within the
   * last hour (and less than a minute), otherwise `usual`.
   */
  readonly idle: 'beyond' | 'within' | 'long' | 'unusual' | 'usual';
  /**
   * The peer closes idle connections at this very age, as far as this process could see, and the end came as soon as one
   * that was on its way; and it has dropped no request on a fresh connection within the last minute. An announced
   * timeout is not the whole truth: many peers grant more.
   */
  readonly atTimeout: 'yes' | 'no';
  readonly kind: 'closed' | 'reset' | 'broken_pipe' | 'other';
  /** The peer retires connections after this number of requests, or at this age. */
  readonly retired: 'yes' | 'no';
  /** The evidence that the peer was shutting down (`restartOf`). */
  readonly restart: 'strong' | 'weak' | 'none';
  /** Other requests to the origin were answered within the last minute. */
  readonly answers: 'yes' | 'no';
  /** Other connections that the peer closed at the same time. `burst`: more than its usual rate explains. */
  readonly siblings: 'burst' | 'some' | 'none';
  /**
   * A fresh or barely idle connection was dropped within the last minute, and the peer has served this connection
   * since.
   */
  readonly again: 'yes' | 'no';
  /**
   * The time in which the FIN may have arrived: since this process last polled before it wrote the request. The longer,
   * the more likely it is that a closing falls into that time by chance. Decimal logarithm of ms, from 0 to 3, in
   * halves. 0 unless a FIN was there at the first poll, because others then tell more.
   */
  readonly blind: number;
}

export function featuresOf(e: Evidence, wire: WireFacts): Features {
  const { exchange, nowMs } = e;
  const { origin, acquiredMs = 0, idleMs = 0 } = exchange;
  const when = whenOf(e, wire);
  const idle = idleOf(e);
  const sinceDropMs = acquiredMs - idleMs - (origin?.droppedMs ?? Number.POSITIVE_INFINITY);
  const isDropping = nowMs - (origin?.droppedFreshMs ?? Number.NEGATIVE_INFINITY) <= RECENT_MS;
  const isKnownKind = wire.kind === 'closed' || wire.kind === 'reset' || wire.kind === 'broken_pipe';
  return {
    when,
    idle,
    atTimeout: isAtTimeout(e, when) && !isDropping ? 'yes' : 'no',
    kind: isKnownKind ? wire.kind : 'other',
    retired: origin?.isRetired(exchange.reuseCount, exchange.ageMs) ? 'yes' : 'no',
    restart: restartOf(e),
    answers: answeredRecently(e) ? 'yes' : 'no',
    siblings: siblingsOf(e),
    again: isIdleUnexplained(idle) && sinceDropMs > 0 && sinceDropMs <= RECENT_MS ? 'yes' : 'no',
    blind: when === 'kernel' && wire.kind === 'closed' ? blindOf(e) : 0,
  };
}

/** The other connections that the peer closed at the same time, against its usual rate of closings. */
export function siblingsOf({ nowMs, blindMs = 0, exchange: { origin } }: Evidence): Features['siblings'] {
  const others = origin?.closingRate.recent(nowMs) ?? [];
  if (origin === undefined || others.length === 0) return 'none';
  const isBurst = others.some(({ atMs }, i) => {
    const count = others.length - i;
    return count >= 2 && origin.closingRate.chanceOf(count, nowMs - atMs + blindMs, nowMs) < BY_CHANCE;
  });
  return isBurst ? 'burst' : 'some';
}

function blindOf({ nowMs, exchange: { firstWriteMs = nowMs, blindAtWriteMs = 0 } }: Evidence): number {
  const windowMs = Math.max(1, Math.min(blindAtWriteMs, LONGEST_LOOK_MS) + nowMs - firstWriteMs);
  return Math.min(3, Math.round(2 * Math.log10(windowMs)) / 2);
}

function whenOf(e: Evidence, wire: WireFacts): Features['when'] {
  if (wire.sent === 'none' || e.exchange.firstWriteFailed) return 'unsent';
  if (isFarTooEarly(e)) return 'early';
  if (wasInKernel(e.waitedMs) && !hasLooked(e)) return 'kernel';
  return isAfterRoundTrip(e) ? 'late' : 'round';
}

export function idleOf({ nowMs, exchange }: Evidence): Features['idle'] {
  const { origin, idleMs = 0 } = exchange;
  const okIdleMs = origin?.okIdleMs(nowMs) ?? 0;
  const peer = hasOutlivedTimeout(exchange) ? undefined : exchange.peerTimeout;
  if (peer !== undefined) {
    const aheadMs = sharpMs(peer) + travelMs(exchange, peer);
    // Peers often grant more than they announce: Node grants a second more.
    const grantedMs = peer.source === 'announced' ? grantMs(peer.ms) : peer.ms + peer.spreadMs;
    if (idleMs >= grantedMs || (idleMs >= peer.ms - aheadMs && idleMs > okIdleMs)) return 'beyond';
  }
  if (idleMs >= LONG_IDLE_MS) return 'long';
  if (peer !== undefined) return 'within';
  return idleMs > okIdleMs ? 'unusual' : 'usual';
}

function sharpMs({ ms }: PeerTimeout): number {
  return Math.max(SHARP_MS, ms * 0.02);
}

/** The peer's clock is a round trip ahead. */
function travelMs({ origin }: Exchange, { ms }: PeerTimeout): number {
  return Math.min(roundTripMs(origin), ms / 4);
}

/** Node's servers grant this much more than they announce. */
const NODES_GRANT_MS = 1_000;

/**
 * The peer closes at this age, or did so while this process did not look: then what it sent is found at the first poll.
 * The wall clock, which is sometimes set, does not prove an age, nor does an announcement one to which connections have
 * just lived.
 */
function isAtTimeout(e: Evidence, when: Features['when']): boolean {
  const { exchange, nowMs } = e;
  const { peerTimeout: peer, idleMs: wallIdleMs = 0, awakeIdleMs: idleMs = wallIdleMs } = exchange;
  if (peer === undefined || exchange.blindAtWriteMs === undefined) return false;
  if (when === 'round' && !isPrompt(e)) return false;
  const blindMs = when === 'kernel' || when === 'unsent' ? exchange.blindAtWriteMs : 0;
  const isAnnounced = peer.source === 'announced';
  if (isAnnounced && idleMs <= (exchange.origin?.okIdleMs(nowMs) ?? 0) + sharpMs(peer)) return false;
  const nearMs = isAnnounced ? sharpMs(peer) : Math.min(SHARP_MS, Math.max(10, peer.ms * 0.02));
  const isNear = (fromMs: number, toMs: number) =>
    idleMs >= fromMs - nearMs - travelMs(exchange, peer) && idleMs - blindMs <= toMs + nearMs;
  if (isNear(peer.ms, peer.ms + peer.spreadMs)) return true;
  return isAnnounced && isNear(peer.ms + NODES_GRANT_MS, peer.ms + NODES_GRANT_MS);
}

/**
 * A FIN at the peer's idle timeout would have been seen before the request was written. Either the path lost it, or
 * this timeout does not hold for this connection: a proxy in front of the server that announced it has another timeout,
 * or it was raised.
 */
function hasOutlivedTimeout({ peerTimeout, idleMs = 0, awakeIdleMs = idleMs, blindAtWriteMs }: Exchange): boolean {
  return (
    peerTimeout !== undefined && blindAtWriteMs !== undefined && awakeIdleMs - blindAtWriteMs > latestMs(peerTimeout)
  );
}

/**
 * Before the request, or sooner than any round trip so far, the peer itself has hardly reacted to it, but a firewall or NAT
 * nearby may have sent a reset: for what is in this request, or because it forgot the connection. Only an idle timeout of
 * the peer's that had passed speaks against it.
 */
export function mayBeMiddlebox({ kind, idle }: Features): boolean {
  return kind === 'reset' && idle !== 'beyond';
}

/** No known idle timeout explains a closing at this idle age. */
export function isIdleUnexplained(idle: Features['idle']): boolean {
  return idle === 'usual' || idle === 'within';
}
