import { durationText } from '../../verdict/advice/phrases';
import { areAlike, isRegular } from '../../verdict/evidence/regular-times';
import type { Host } from '../collect/host';
import { plural } from '../wording';
import type { FailureEnd } from './ending';
import type { Judgements } from './judgement';

/** What comes sooner may be late because TCP had to send something again. */
const SHORTEST_MS = 1_000;
/** Times that are equal. */
const SPREAD = 0.02;
const SPREAD_MS = 20;
/** Ends in one moment are one event. */
const MOMENT_MS = 1_000;
/** Equal times may be chance: this many, at different moments, and at least a fifth of all that may have met a limit. */
const ENOUGH = 5;
const ENOUGH_SHARE = 0.2;
/** This many moments show any regularity. */
const MOST_MOMENTS = 9;

/**
 * Requests to one host that were cut after the same time, at different moments, met a time limit. Only those without an
 * answer are judged, because no span shows whether the program had stopped reading; and none that ended like one that
 * is known to have met a restart, because a request may crash its server after the same time each time. A RST does not
 * count: it may answer what TCP itself sends, always after the same time, on a connection that was lost before. Nor do
 * those that came within a round trip, were dropped, or noticed late. On connections that were equally old it may be a
 * limit on that age, and what comes at regular intervals a restart by a timer.
 */
export function judgeTimeLimits(host: Host, inFlight: readonly FailureEnd[], judgements: Judgements): void {
  const timed = inFlight.filter(mayMeetLimit).sort((a, b) => (a.elapsedMs ?? 0) - (b.elapsedMs ?? 0));
  for (const group of equalTimes(timed)) {
    const momentsMs = momentsOf(group);
    const moments = momentsMs.length;
    const isOfRequests = haveAgesApart(group) && !isRegular(momentsMs.slice(-MOST_MOMENTS));
    const isEnough = isOfRequests && moments >= ENOUGH && group.length >= timed.length * ENOUGH_SHARE;
    const isOfRestart = group.some(({ index, cause }) => (judgements.get(index)?.cause ?? cause) === 'peer_restart');
    const longest = group.at(-1)?.elapsedMs ?? 0;
    const longer = host.durations.longerThan(longest * 1.05);
    // Others took longer and were answered: then this is no limit, at least not for all requests.
    if (!isEnough || isOfRestart || longer > group.length / 2) continue;
    const [from, to] = [durationText(group[0]?.elapsedMs ?? 0), durationText(longest)];
    const answered = longer === 0 ? ', and none is known to have taken longer' : '';
    const reason = `${plural(group.length, 'request')} to ${host.name} were cut after ${from === to ? from : `${from} to ${to}`}, at ${plural(moments, 'different moment')}${answered}`;
    for (const { index, isPossible, cause } of group)
      if (isPossible && cause !== 'response_timeout') judgements.set(index, { cause: 'response_timeout', reason });
  }
}

function mayMeetLimit({ isAnswered, isReset, isPrompt, isSeenLate, cause, elapsedMs = 0 }: FailureEnd): boolean {
  return !isAnswered && !isReset && !isPrompt && !isSeenLate && cause !== 'rejected' && elapsedMs >= SHORTEST_MS;
}

/** Their connections ended at ages that are known, and differ by more than what counts as equal. */
function haveAgesApart(group: readonly FailureEnd[]): boolean {
  const ages = group.flatMap(({ connectionMs }) => connectionMs ?? []);
  return ages.length === group.length && !areAlike(ages);
}

/** Runs of neighbours in a sorted list whose times are within 2 % of the first of them. */
function equalTimes(sorted: readonly FailureEnd[]): FailureEnd[][] {
  const groups: FailureEnd[][] = [];
  for (const ending of sorted) {
    const group = groups.at(-1);
    const first = group?.[0]?.elapsedMs ?? Number.NEGATIVE_INFINITY;
    if (group !== undefined && (ending.elapsedMs ?? 0) - first <= Math.max(SPREAD_MS, first * SPREAD))
      group.push(ending);
    else groups.push([ending]);
  }
  return groups;
}

/** When they ended, once for each event, earliest first. */
function momentsOf(group: readonly FailureEnd[]): number[] {
  const moments: number[] = [];
  for (const atMs of group.map((ending) => ending.atMs).sort((a, b) => a - b))
    if (atMs - (moments.at(-1) ?? Number.NEGATIVE_INFINITY) > MOMENT_MS) moments.push(atMs);
  return moments;
}
