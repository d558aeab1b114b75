import { durationText } from '../../verdict/advice/phrases';
import { plural } from '../wording';
import type { Burst } from './bursts';
import { type Incident, isJudged } from './incidents';
import type { Judgement, Judgements } from './judgement';

/** What ended at one place in one moment, and what was made of it. */
export interface Moment {
  readonly burst: Burst;
  readonly incident: Incident;
}

/** Clients of one service see what so many hosts do at once only if they share something. */
const HOSTS = 3;
/** Moments that begin this soon after each other are one. */
const AT_ONCE_MS = 250;
/** Hosts that are named. */
const NAMED = 3;

/**
 * Several hosts that seem to restart in one moment share what ended: a proxy or the network of their client, or the
 * machine on which they run. Judges these failures again, and returns the incidents with one for each such moment.
 */
export function judgeSharedMoments(moments: readonly Moment[], judgements: Judgements): Incident[] {
  const incidents: Incident[] = [];
  for (const group of groupsOf(moments)) {
    const shared = sharedBy(group);
    if (shared === undefined) incidents.push(...group.map(({ incident }) => incident));
    else incidents.push(shared);
    if (shared?.reason === undefined) continue;
    const judgement: Judgement = { cause: 'peer_aborted', reason: shared.reason };
    for (const { burst } of group)
      for (const ending of burst.endings) {
        if (judgements.get(ending.index)?.cause === 'peer_restart') judgements.delete(ending.index);
        if (ending.cause === 'peer_restart' && isJudged(ending, judgement)) judgements.set(ending.index, judgement);
      }
  }
  return incidents;
}

/** Restarts that begin in one moment; all else stands alone. */
function groupsOf(moments: readonly Moment[]): Moment[][] {
  const groups: Moment[][] = [];
  let current: Moment[] = [];
  for (const moment of [...moments].sort((a, b) => a.burst.fromMs - b.burst.fromMs)) {
    const isRestart = moment.incident.cause.includes('peer_restart');
    const lastMs = current.at(-1)?.burst.fromMs ?? Number.NEGATIVE_INFINITY;
    if (isRestart && moment.burst.fromMs - lastMs <= AT_ONCE_MS) {
      current.push(moment);
      continue;
    }
    const group = [moment];
    groups.push(group);
    if (isRestart) current = group;
  }
  return groups;
}

/** The one incident that these are, for a service that had connections to all of them; undefined if they are not one. */
function sharedBy(group: readonly Moment[]): Incident | undefined {
  const incidents = group.map(({ incident }) => incident);
  const [first, ...others] = incidents;
  const hosts = [...new Set(incidents.map(({ host }) => host))].sort();
  const services = first?.services.filter((name) => others.every((other) => other.services.includes(name))) ?? [];
  if (first === undefined || hosts.length < HOSTS || services.length === 0) return undefined;
  const sum = (count: (incident: Incident) => number) => incidents.reduce((total, each) => total + count(each), 0);
  const atMs = Math.min(...incidents.map((each) => each.atMs));
  const lastedMs = Math.max(...incidents.map((each) => each.atMs + each.lastedMs)) - atMs;
  const more = hosts.length > NAMED ? ` and ${hosts.length - NAMED} more` : '';
  const place = `${hosts.slice(0, NAMED).join(', ')}${more}`;
  const connections = sum((each) => each.connections);
  return {
    ...first,
    atMs,
    lastedMs,
    host: place,
    hosts: hosts.length,
    place,
    connections,
    services: [...new Set(incidents.flatMap((each) => each.services))].sort(),
    lost: sum((each) => each.lost),
    notSafeToRetry: sum((each) => each.notSafeToRetry),
    refusedAfterMs: undefined,
    cause: 'peer_aborted',
    reason: `${plural(connections, 'connection')} to ${hosts.length} hosts ended within ${durationText(Math.max(1, lastedMs))}: look for what they share, such as a proxy or the network of ${services.join(', ')}, or the machine of these hosts`,
    isPossible: true,
    isSeenLate: incidents.some((each) => each.isSeenLate),
  };
}
