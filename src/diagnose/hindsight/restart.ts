import { durationText } from '../../verdict/advice/phrases';
import type { Lifetimes } from '../collect/lifetimes';
import { plural } from '../wording';
import { agesApart, type Burst, chanceOf, connectionsOf } from './bursts';
import type { FailureEnd } from './ending';
import type { Judgement } from './judgement';

/** How long after the ends of several connections, and of one or two, a refused connect still belongs to them. */
const REFUSED_WITHIN_MS = 10_000;
const REFUSED_SOON_MS = 1_000;
const SEVERAL = 3;
/** Clocks of several machines, and the last bytes of a healthy response. */
const MARGIN_MS = 50;
/** A place with healthy connections so shortly before or after the moment would have shown one that lived through it. */
const WITNESS_MS = 60_000;
/** Ends of this many different ages do not come from a time limit. */
const AGES_APART = 3;
const UNLIKELY = 0.001;
/** The connections of a process end at once when it dies: what is farther apart needs another sign. */
const INSTANT_MS = 250;
/** A burst longer than this is not a single exit, whatever was refused later. */
const LONGEST_EXIT_MS = 1_000;

/** What is known about a place beside its bursts. */
export interface Place {
  readonly name: string;
  /** Healthy connections; undefined if none is known. */
  readonly lifetimes: Lifetimes | undefined;
  /** How long a connect took at most, ms; undefined if unknown. */
  readonly longestConnectMs: number | undefined;
  /** Refused connects, in the order of time. */
  readonly refused: readonly FailureEnd[];
  /** At how many other moments something ended there, over all of the source, and how many these are a second. */
  readonly moments: number;
  readonly momentsPerSecond: number;
  /** The source also holds healthy requests, not only failures. */
  readonly areHealthyKept: boolean;
}

/**
 * The first refused connect that belongs to a burst; undefined if a connection was alive and well between the two,
 * because then the place went away only later. Also undefined if others were refused shortly before the burst, because
 * then the place, or one of its machines, had not been listening anyway, unless it is one that came back in between: no
 * connection lived through that refusal, and requests were answered after it.
 */
export function refusedAfter(burst: Burst, { refused, lifetimes }: Place): FailureEnd | undefined {
  const { fromMs, toMs, established } = burst;
  let [low, high] = [0, refused.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((refused[middle]?.atMs ?? 0) < fromMs) low = middle + 1;
    else high = middle;
  }
  const next = refused[low];
  const before = refused[low - 1];
  if (before !== undefined && before.atMs >= fromMs - REFUSED_WITHIN_MS && !hasReturned(lifetimes, before.atMs, fromMs))
    return undefined;
  const within = established >= SEVERAL ? REFUSED_WITHIN_MS : REFUSED_SOON_MS;
  if (next === undefined || next.atMs > toMs + within) return undefined;
  return lifetimes?.touches(toMs + MARGIN_MS, next.atMs - MARGIN_MS) ? undefined : next;
}

function hasReturned(lifetimes: Lifetimes | undefined, refusedMs: number, untilMs: number): boolean {
  return lifetimes?.touches(refusedMs, untilMs) === true && lifetimes.spans(refusedMs, refusedMs + MARGIN_MS) === false;
}

/**
 * Rejudges possible restarts if a connection lived through the burst. A burst like the death of a process may be that
 * of one among several at this place, such as the old worker of a proxy that was reloaded.
 */
export function noRestartOf(burst: Burst, place: Place): Judgement | undefined {
  if (livedThrough(burst, place) !== true || isLikeExit(burst, place)) return undefined;
  return {
    cause: 'peer_aborted',
    reason: `another connection to ${place.name} lived through it: the peer did not restart as a whole`,
  };
}

/** Whether the peer went away: the judgement on all ends in flight of the burst. */
export function restartOf(burst: Burst, place: Place): Judgement | undefined {
  const inFlight = burst.endings.filter(({ isInFlight }) => isInFlight);
  if (inFlight.length === 0 || livedThrough(burst, place) !== false) return undefined;
  const services = new Set(burst.endings.map(({ service }) => service)).size;
  const whose = services > 1 ? ` of ${plural(services, 'service')}` : '';
  const lasted = burst.toMs - burst.fromMs;
  const ended =
    `${plural(burst.established, 'connection')}${whose} to ${place.name} ended ${burst.established > 1 ? `within ${durationText(Math.max(1, lasted))}` : ''}`.trim();
  const refused = refusedAfter(burst, place);
  if (refused !== undefined && lasted <= LONGEST_EXIT_MS) {
    const later = durationText(Math.max(0, refused.atMs - burst.fromMs));
    return { cause: 'peer_restart', reason: `${ended}, and a new connection was refused ${later} later` };
  }
  if (!isLikeExit(burst, place) || !isWitnessed(burst, place)) return undefined;
  return {
    cause: 'peer_restart',
    reason: `${ended}, on requests of different ages, and none is known to have lived through it`,
  };
}

/**
 * Requests of different ages ended at once, which is no coincidence. Ends that a busy process noticed together may not
 * have happened together.
 */
function isLikeExit({ endings, fromMs, toMs }: Burst, { moments, momentsPerSecond, longestConnectMs }: Place): boolean {
  const lasted = toMs - fromMs;
  const seen = endings.filter(({ isSeenLate }) => !isSeenLate);
  const inFlight = seen.filter(({ isInFlight }) => isInFlight);
  if (lasted > INSTANT_MS || agesApart(inFlight, longestConnectMs) < AGES_APART) return false;
  const chance = chanceOf(connectionsOf(seen) - 1, (momentsPerSecond * (lasted + MARGIN_MS)) / 1_000);
  // Each moment could have been such a coincidence.
  return chance * Math.max(1, moments) <= UNLIKELY;
}

/** If only failures are kept, no connection can be known to have lived through it. */
function isWitnessed({ fromMs, toMs }: Burst, { lifetimes, areHealthyKept }: Place): boolean {
  return areHealthyKept || lifetimes?.touches(fromMs - WITNESS_MS, toMs + WITNESS_MS) === true;
}

/** Undefined if that is no longer known. */
function livedThrough({ fromMs, toMs }: Burst, { lifetimes }: Place): boolean | undefined {
  return lifetimes === undefined ? false : lifetimes.spans(fromMs - MARGIN_MS, toMs + MARGIN_MS);
}
