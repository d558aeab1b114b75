import { isEndedByKernel } from '../evidence/codes';
import { endedByEarly408 } from '../evidence/early-408';
import type { Evidence } from '../evidence/evidence';
import { isSeenByPeer } from '../evidence/sent';
import { answeredRecently, isAfterRoundTrip, isEarly, LONG_IDLE_MS } from '../evidence/timing';
import type { WireFacts } from '../evidence/wire-facts';
import { featuresOf, idleOf, mayBeMiddlebox, SHARP_MS } from './features';
import { inFlight } from './in-flight';
import { type Judgement, judgement } from './judgement';
import { ourOwn, timers } from './our-own';
import { restartOf } from './restart';
import { notHttp, settingUp } from './setting-up';
import { weigh } from './weigh';

type Rule = (e: Evidence, wire: WireFacts) => Judgement | undefined;

/** The rules in order: the first that gives an answer decides. If none does, the cause is `unknown`. */
const RULES: readonly Rule[] = [
  withoutSocket,
  early408,
  deadWhenAcquired,
  timers,
  ourOwn,
  settingUp,
  notHttp,
  notKnown,
  notByPeer,
  silence,
  seen,
  reused,
  fresh,
];

/** The most likely cause, and how sure it is. */
export function causeOf(e: Evidence, wire: WireFacts): Judgement {
  for (const rule of RULES) {
    const judged = rule(e, wire);
    if (judged !== undefined) return judged;
  }
  return judgement('unknown', 'possible');
}

/** Without a socket nothing was observed. */
function withoutSocket({ handleless }: Evidence, wire: WireFacts): Judgement | undefined {
  return handleless && wire.kind === 'other' ? judgement('unknown', 'possible') : undefined;
}

/** The peer did not end it, so nothing about the peer explains it. */
function notByPeer({ error }: Evidence): Judgement | undefined {
  return isEndedByKernel(error) ? judgement('unknown', 'possible') : undefined;
}

/**
 * A 408 that seems to have been sent before the peer can have seen the request closes an idle connection. `possible`,
 * because the path may have become faster.
 */
function early408(e: Evidence): Judgement | undefined {
  return endedByEarly408(e) ? judgement('stale_keepalive', 'possible') : undefined;
}

/**
 * Dead when acquired. `stale_keepalive` is certain only if the peer was observed to close the connection: a reset
 * may come from something on the way.
 */
function deadWhenAcquired(e: Evidence, wire: WireFacts): Judgement | undefined {
  if (e.exchange.dead === undefined || isSeenByPeer(e)) return undefined;
  // The kernel gave it up: `silence`.
  if (wire.kind === 'timed_out') return undefined;
  if (wire.initiator === 'local') return wire.kind === 'local_close' ? judgement('pool_closed', 'certain') : undefined;
  if (wire.kind === 'reset') return judgement('stale_keepalive', idleOf(e) === 'beyond' ? 'likely' : 'possible');
  if (wire.initiator !== 'remote') return judgement('stale_keepalive', 'possible');
  return judgement('stale_keepalive', wire.sent === 'none' ? 'certain' : 'likely');
}

/** An error with an unknown code has an unknown effect on the connection. */
function notKnown(_: Evidence, wire: WireFacts): Judgement | undefined {
  return wire.kind === 'other' ? judgement('unknown', 'possible') : undefined;
}

/** A byte was read, so the connection was not stale. After a whole response, nothing was in flight. */
function seen(e: Evidence, wire: WireFacts): Judgement | undefined {
  if (!isSeenByPeer(e)) return undefined;
  return e.closing?.byBoth || e.responseComplete ? judgement('unknown', 'possible') : inFlight(e, wire);
}

/** The kernel gave the connection up because nothing came back for minutes. */
function silence({ exchange }: Evidence, wire: WireFacts): Judgement | undefined {
  if (wire.kind !== 'timed_out') return undefined;
  return exchange.reused === true && exchange.idleMs !== undefined && exchange.idleMs >= LONG_IDLE_MS
    ? judgement('idle_expired', 'possible')
    : judgement('unknown', 'possible');
}

/**
 * Reused, no byte back. The peer does not reject what it cannot have seen, nor every request it ever received.
 */
function reused(e: Evidence, wire: WireFacts): Judgement | undefined {
  const { exchange } = e;
  if (exchange.reused !== true) return undefined;
  if (wire.sent !== 'none' && isAfterRoundTrip(e))
    return isCutAtTimeout(e) ? judgement('stale_keepalive', 'possible') : inFlight(e, wire);
  // A session that others use may end at work.
  if (exchange.multiplexed && (e.closing === undefined || exchange.idleMs === undefined))
    return judgement('unknown', 'possible');
  const features = featuresOf(e, wire);
  const early = wire.sent !== 'none' && isEarly(e);
  const weighed = weigh(features);
  if (early && !mayBeMiddlebox(features) && features.retired === 'no')
    return weighed.cause === 'stale_keepalive' ? weighed : judgement('stale_keepalive', 'possible');
  if (weighed.cause !== 'rejected') return weighed;
  if (early) return judgement('stale_keepalive', 'possible');
  const isReuseKnown = exchange.origin?.lastReusedOkMs !== undefined && !exchange.multiplexed;
  return isReuseKnown ? weighed : judgement('unknown', 'possible');
}

/**
 * The reset came at the peer's idle timeout, counted from the last release. Envoy stops reading such a connection a second
 * earlier (`delayed_close_timeout`), and never sees what is sent in that second.
 */
function isCutAtTimeout({ exchange, closing, nowMs }: Evidence): boolean {
  const { peerTimeout, idleMs: wallIdleMs, awakeIdleMs: idleMs = wallIdleMs, acquiredMs } = exchange;
  if (closing?.how !== 'reset' || peerTimeout?.source !== 'observed' || idleMs === undefined) return false;
  const sinceReleaseMs = idleMs + nowMs - (acquiredMs ?? nowMs);
  const { ms, spreadMs } = peerTimeout;
  return sinceReleaseMs >= ms - SHARP_MS && sinceReleaseMs <= ms + spreadMs + SHARP_MS;
}

/** Fresh, no byte back. */
function fresh(e: Evidence, wire: WireFacts): Judgement {
  if (wire.sent !== 'none' && isAfterRoundTrip(e)) return inFlight(e, wire);
  if (restartOf(e) !== 'none') return judgement('peer_restart', 'possible');
  const isReaction = wire.sent !== 'none' && !isEarly(e) && !e.exchange.multiplexed;
  return judgement(answeredRecently(e) && isReaction ? 'rejected' : 'unknown', 'possible');
}
