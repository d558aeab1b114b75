import { mayAnswerProbe, mayAnswerRepeat } from '../../connection/closing';
import { SHORTEST_TIMEOUT_MS } from '../../peer/idle/idle-timeout';
import type { TimeLimit } from '../../peer/in-flight-closings';
import type { Evidence } from '../evidence/evidence';
import { areAlike, isRegular } from '../evidence/regular-times';
import { isShortOfLength, isUnfinished } from '../evidence/sent';
import { roundTripMs, UNSEEN_SHARE } from '../evidence/timing';
import type { WireFacts } from '../evidence/wire-facts';
import { type Judgement, judgement } from './judgement';
import { inFlightClosingOf, restartOf } from './restart';

type Question = (e: Evidence, wire: WireFacts) => Judgement | undefined;

/** The questions about a closing in flight, in their order. */
const QUESTIONS: readonly Question[] = [incomplete, restart, timeLimit, excess, rejected];

/** This many requests that ended after the same time, this one included, show a time limit. */
const LIKELY_FROM = 5;
/** A time limit is met with this precision: an upload that takes a larger part of it may be what takes the same time. */
const TOLERANCE = 0.02;
/** Every process notices an end a little late. */
const UNSEEN_MS = 20;
/** So much is sent without waiting for the peer (RFC 6928); the rest of a larger request may wait in the kernel. */
const AT_ONCE_BYTES = 10_000;
/** Methods of requests that rarely have a body. */
const BODILESS = new Set(['GET', 'HEAD', 'OPTIONS', 'DELETE', 'TRACE']);
/** `likely` and `possible` require that the chance of a coincidence is below these. */
const LIKELY_CHANCE = 0.001;
const POSSIBLE_CHANCE = 0.1;

/** A closing in flight, later than a round trip or inside the response. */
export function inFlight(e: Evidence, wire: WireFacts): Judgement {
  if (e.exchange.acquiredMs === undefined) return judgement('unknown', 'possible');
  for (const rule of QUESTIONS) {
    const judged = rule(e, wire);
    if (judged !== undefined) return judged;
  }
  // The peer may have refused the stream or sent a GOAWAY, with a code that is not visible here.
  return judgement(e.exchange.multiplexed ? 'unknown' : 'peer_aborted', 'possible');
}

/**
 * The peer ended a request that the program had stopped sending. After an early answer, the answer says why: a 408 says
 * that the request did not come in time (RFC 9110 section 15.5.9).
 */
function incomplete(e: Evidence): Judgement | undefined {
  const { request, statusCode } = e;
  if (request === undefined || (statusCode !== undefined && statusCode !== 408)) return undefined;
  if (request.ended && isShortOfLength(e)) return judgement('request_incomplete', 'likely');
  return isStalled(e) ? judgement('request_incomplete', 'possible') : undefined;
}

/**
 * More was written than the `Content-Length` announces: the body is too long, or the program wrote something else on the
 * connection, such as a line of the PROXY protocol.
 */
function excess(e: Evidence): Judgement | undefined {
  return isOtherLength(e) && e.statusCode === undefined ? judgement('request_incomplete', 'possible') : undefined;
}

/** `end()` was called, and what was written does not have the length that the `Content-Length` announces. */
export function isOtherLength({ request }: Evidence): boolean {
  return request?.ended === true && request.missingBytes !== undefined && request.missingBytes !== 0;
}

/** No body is called stalled after a shorter time without a write. */
const STALL_MS = 50;

/**
 * `end()` was not called, and nothing was written for longer than a round trip, and for much longer than between any two
 * writes before: many bodies are produced slowly, and flow.
 */
function isStalled({ request, exchange: { origin, longestGapMs } }: Evidence): boolean {
  if (request === undefined || request.ended || request.missingBytes === 0) return false;
  return (request.quietMs ?? 0) > Math.max(STALL_MS, roundTripMs(origin), 3 * longestGapMs);
}

/** Any sign of a restart has another explanation too; only all spans together can show one. */
function restart(e: Evidence): Judgement | undefined {
  return restartOf(e) === 'none' ? undefined : judgement('peer_restart', 'possible');
}

/** Ends after one time, again and again. A RST is no more than `possible`: it may answer what TCP itself sends. */
function timeLimit(e: Evidence, wire: WireFacts): Judgement | undefined {
  const limit = timeLimitOf(e);
  if (limit === undefined || limit.chance >= POSSIBLE_CHANCE) return undefined;
  const isMany = limit.seen.length + 1 >= LIKELY_FROM && limit.chance < LIKELY_CHANCE && !limit.isAccompanied;
  const isSure =
    isMany &&
    isOfRequests(e, limit) &&
    isSentAtOnce(e, limit) &&
    !isOutlasted(e, limit) &&
    !mayBeRetransmission(e, limit);
  const isKnown = isSure && e.closing?.how !== 'reset' && (wire.phase !== 'response' || isTimeSeen(e));
  return judgement('response_timeout', isKnown ? 'likely' : 'possible');
}

/**
 * Whether the time is that of requests. If their connections were as old as each other, it may be a time of connections: a
 * proxy may end them at an age, and a limit, or a firewall, may hold for a while what it does not let in. If the ends come
 * at regular intervals, something else may be behind them: a peer that restarts by a timer, and a client that asks again as
 * soon as it has lost an answer.
 */
function isOfRequests(e: Evidence, limit: TimeLimit): boolean {
  const ages = agesOf(e, limit);
  return ages !== undefined && !areAlike(ages) && !isRegular([...limit.seen.map(({ atMs }) => atMs), e.nowMs]);
}

/** The age at which their connections ended, this one and the earlier ones, ms; undefined if they differ, or are unknown. */
export function commonAgeMs(e: Evidence, limit: TimeLimit): number | undefined {
  const ages = agesOf(e, limit);
  return ages !== undefined && areAlike(ages) ? Math.max(...ages) : undefined;
}

function agesOf({ nowMs, exchange }: Evidence, { seen }: TimeLimit): readonly number[] | undefined {
  const ages = [exchange.connection?.ageMs(nowMs), ...seen.map(({ connectionMs }) => connectionMs)];
  const known = ages.filter((age) => age !== undefined);
  return known.length === ages.length ? known : undefined;
}

/** TCP sends what was lost again, after 200 ms and then after 400 ms more: what the peer does comes that much later. */
function mayBeRetransmission({ exchange: { origin } }: Evidence, { ms }: TimeLimit): boolean {
  return ms < 1_000 + 10 * (origin?.fastestMs ?? 0);
}

/** The upload took no part of that time that matters. */
function isSentAtOnce(e: Evidence, limit: TimeLimit): boolean {
  const { dispatched = Number.POSITIVE_INFINITY } = e.progress;
  const isSmall = BODILESS.has(e.exchange.method) || dispatched <= AT_ONCE_BYTES;
  return isSmall && uploadMs(e) <= limit.ms * TOLERANCE;
}

/** What TCP itself sends: a keep-alive probe after `ms` of silence, or what nobody has acknowledged for `ms`, again. */
export interface Due {
  readonly what: 'probe' | 'repeat';
  readonly ms: number;
}

/**
 * What TCP itself was about to send when the connection was reset, as far as that is known: whoever had forgotten the
 * connection, or never let its packets through, answers that, and always after the same time.
 */
export function dueOf(e: Evidence): Due | undefined {
  const { closing, exchange, progress, interim, sinceByteMs } = e;
  const writtenMs = sinceWriteMs(e);
  if (closing?.how !== 'reset' || writtenMs === undefined) return undefined;
  const tripMs = roundTripMs(exchange.origin);
  const isSilent = progress.received === 0 && interim !== true;
  const quietMs = isSilent ? writtenMs : Math.min(sinceByteMs ?? Number.NaN, writtenMs);
  const { probeMs } = closing;
  if (probeMs && mayAnswerProbe(closing, quietMs, tripMs)) return { what: 'probe', ms: probeMs };
  return isSilent && mayAnswerRepeat(writtenMs, tripMs) ? { what: 'repeat', ms: writtenMs } : undefined;
}

/** Since the last write on its connection; undefined if unknown. */
function sinceWriteMs({ nowMs, exchange }: Evidence): number | undefined {
  const { connection, firstWriteMs, multiplexed } = exchange;
  const lastMs = connection?.lastWriteMs ?? firstWriteMs;
  return multiplexed || lastMs === undefined ? undefined : nowMs - lastMs;
}

/** Another answer took longer lately: if there is such a limit, it does not hold for all requests. */
function isOutlasted({ exchange: { origin } }: Evidence, limit: TimeLimit): boolean {
  return !limit.isSilence && (origin?.roundTrip.slowestAnswerMs ?? 0) > limit.ms * (1 + TOLERANCE);
}

/**
 * The time that this closing shares with others, if it may be a time limit: the request was sent and its response was
 * read.
 */
export function timeLimitOf(e: Evidence): TimeLimit | undefined {
  const closing = inFlightClosingOf(e);
  const limit = closing === undefined ? undefined : e.exchange.origin?.inFlightClosings.limitOf(closing);
  return limit !== undefined && mayBeLimit(e) && limit.ms >= SHORTEST_TIMEOUT_MS ? limit : undefined;
}

/** The closing may be due to a time limit: the request was complete, the program did not delay it, and its time is known. */
export function mayBeLimit(e: Evidence): boolean {
  return e.progress.complete === true && !isShortOfLength(e) && e.paused !== true && !isReaction(e) && !isSeenLate(e);
}

/** This process had been busy when it noticed the end, which may have come at any time since it last looked. */
function isSeenLate({ nowMs, blindMs = 0, exchange: { acquiredMs = nowMs } }: Evidence): boolean {
  return blindMs > Math.max(UNSEEN_MS, (nowMs - acquiredMs) * UNSEEN_SHARE);
}

/** The end followed a long upload: uploads of equal size also take the same time repeatedly. */
function isReaction(e: Evidence): boolean {
  const sentMs = uploadMs(e);
  const { firstWriteMs = 0 } = e.exchange;
  return sentMs >= SHORTEST_TIMEOUT_MS && e.nowMs - firstWriteMs - sentMs < SHORTEST_TIMEOUT_MS;
}

/** From the first write of the request to its last; 0 if unknown. */
function uploadMs({ exchange: { firstWriteMs, connection } }: Evidence): number {
  const lastMs = connection?.lastWriteMs;
  return firstWriteMs === undefined || lastMs === undefined ? 0 : Math.max(0, lastMs - firstWriteMs);
}

/** Inside a response: the program was reading, and the rest of the response was not already overdue. */
function isTimeSeen({ paused, missingResponseBytes = 0, sinceByteMs, exchange: { origin } }: Evidence): boolean {
  if (paused !== false || sinceByteMs === undefined) return false;
  return missingResponseBytes <= 0 || sinceByteMs <= roundTripMs(origin);
}

function rejected(e: Evidence, wire: WireFacts): Judgement | undefined {
  if (e.progress.complete !== false) return undefined;
  const { statusCode = 0 } = e;
  // A failing server also answers 5xx.
  const isRefusal = statusCode < 500 && statusCode !== 408 && isUnfinished(e);
  if (statusCode >= 400) return judgement('rejected', isRefusal ? 'likely' : 'possible');
  return e.request !== undefined && wire.phase === 'request' ? judgement('rejected', 'possible') : undefined;
}
