import { endedByEarly408 } from '../evidence/early-408';
import type { Evidence } from '../evidence/evidence';
import { isLate } from '../evidence/timing';
import type { WireFacts } from '../evidence/wire-facts';
import { isOwnLimit } from '../evidence/wire-facts';
import type { FailureCause, FailureConfidence } from '../failure';
import { featuresOf, MINUTE_MS } from './features';
import type { Judgement } from './judgement';
import { weigh } from './weigh';

const LONG_IDLE_MS = 60_000;

type Question = (e: Evidence, t: WireFacts) => Judgement | undefined;

/** In the order of the rules: the first that has an answer decides. */
const QUESTIONS: readonly Question[] = [
  farewell,
  deadWhenAcquired,
  ourOwn,
  settingUp,
  notHttp,
  foreign,
  answered,
  silence,
  reused,
  fresh,
];

/** The most likely cause, and how sure that is. */
export function causeOf(e: Evidence, t: WireFacts): Judgement {
  for (const ask of QUESTIONS) {
    const judgement = ask(e, t);
    if (judgement !== undefined) return judgement;
  }
  return is('unknown', 'possible');
}

function is(cause: FailureCause, confidence: FailureConfidence): Judgement {
  return { cause, confidence };
}

/** A 408 that was on its way before the request could be seen: the peer's way of closing an idle connection. */
function farewell(e: Evidence): Judgement | undefined {
  return endedByEarly408(e) ? is('stale_keepalive', 'likely') : undefined;
}

function deadWhenAcquired({ exchange }: Evidence, t: WireFacts): Judgement | undefined {
  if (exchange.dead === undefined || t.sent === 'received') return undefined;
  if (t.initiator === 'remote') return is('stale_keepalive', t.sent === 'none' ? 'certain' : 'likely');
  return t.initiator === 'local' ? is('pool_closed', 'certain') : is('stale_keepalive', 'possible');
}

function ourOwn(e: Evidence, t: WireFacts): Judgement | undefined {
  if (t.kind === 'timed_out' && t.initiator === 'local') return is('connect_timeout', 'certain');
  if (t.kind === 'local_timeout')
    return isForgotten(e, t) ? is('idle_expired', 'possible') : is('client_timeout', 'certain');
  if (t.kind === 'local_abort') return is('client_cancelled', 'certain');
  if (t.kind === 'local_close') return is('pool_closed', 'certain');
  if (t.kind === 'local_resource') return is('local_resource', 'certain');
  if (t.kind === 'other' && isOwnLimit(e.error.code)) return is('local_resource', 'certain');
  return undefined;
}

/** A silent path never fails by itself in time: our timeout is all that shows it. */
function isForgotten({ exchange }: Evidence, t: WireFacts): boolean {
  const { origin, idleMs, acquiredMs, firstWriteMs } = exchange;
  if (origin === undefined || idleMs === undefined || acquiredMs === undefined || firstWriteMs === undefined)
    return false;
  const answersSince = origin.lastFreshOkMs !== undefined && origin.lastFreshOkMs >= acquiredMs;
  return t.sent !== 'received' && idleMs > origin.okIdleMs(acquiredMs) && answersSince;
}

function settingUp(e: Evidence, t: WireFacts): Judgement | undefined {
  if (t.kind === 'dns') return is('name_not_resolved', 'certain');
  if (t.kind === 'tls') return is('tls_failed', 'certain');
  if (t.kind === 'refused') return is('not_listening', 'likely');
  if (t.kind === 'unreachable') return is('unreachable', 'certain');
  if (t.phase === 'tls') return is('tls_failed', 'likely');
  if (t.phase === 'connect' && t.kind === 'timed_out') return is('connect_timeout', 'certain');
  if (t.phase === 'connect' && t.kind !== 'other') return is('rejected', 'possible');
  return e.stage === 'ready' ? undefined : is('unknown', 'possible');
}

function notHttp(_: Evidence, t: WireFacts): Judgement | undefined {
  return t.kind === 'protocol' ? is('protocol_mismatch', 'likely') : undefined;
}

/** An error that no rule knows: what it did to the connection is not known either. */
function foreign(_: Evidence, t: WireFacts): Judgement | undefined {
  return t.kind === 'other' ? is('unknown', 'possible') : undefined;
}

/** A response byte was read: never stale. */
function answered(e: Evidence, t: WireFacts): Judgement | undefined {
  if (t.sent !== 'received') return undefined;
  if (!e.progress.complete && e.statusCode !== undefined && e.statusCode >= 400) return is('rejected', 'likely');
  return inFlight(e);
}

/** The network gave up: nothing came back for minutes. */
function silence({ exchange }: Evidence, t: WireFacts): Judgement | undefined {
  if (t.kind !== 'timed_out') return undefined;
  return exchange.reused === true && exchange.idleMs !== undefined && exchange.idleMs >= LONG_IDLE_MS
    ? is('idle_expired', 'possible')
    : is('unknown', 'possible');
}

/** Reused, no byte back: the competing causes. */
function reused(e: Evidence, t: WireFacts): Judgement | undefined {
  return e.exchange.reused === true ? weigh(featuresOf(e, t)) : undefined;
}

/** Fresh, no byte back. */
function fresh(e: Evidence, t: WireFacts): Judgement {
  if (t.phase === 'wait' && isLate(e)) return inFlight(e);
  return dropped(e);
}

/** Dropped about one round trip after the write, or during an upload. */
function dropped(e: Evidence): Judgement {
  const { origin } = e.exchange;
  if (isLeaving(e)) return is('peer_restart', 'possible');
  const answers = origin?.lastOkMs !== undefined && e.nowMs - origin.lastOkMs <= MINUTE_MS;
  return is(answers ? 'rejected' : 'unknown', 'possible');
}

/** The request was under way. InFlightClosings at one elapsed time are a time limit; anything else, the peer that went away. */
function inFlight(e: Evidence): Judgement {
  const { origin, acquiredMs } = e.exchange;
  if (origin === undefined || acquiredMs === undefined) return is('unknown', 'possible');
  const alike = origin.inFlightClosings.like(e.nowMs - acquiredMs, e.nowMs);
  if (alike >= 4) return is('response_timeout', 'likely');
  if (alike >= 1) return is('response_timeout', 'possible');
  return is('peer_restart', isLeaving(e) ? 'likely' : 'possible');
}

/** Others died in this moment too, or a connect was refused. */
function isLeaving({ exchange: { origin, acquiredMs = 0 }, nowMs }: Evidence): boolean {
  if (origin === undefined) return false;
  return (
    origin.isRefusing(nowMs) ||
    origin.closings(nowMs, 0) === 'restart' ||
    origin.inFlightClosings.beside(acquiredMs, nowMs) >= 2
  );
}
