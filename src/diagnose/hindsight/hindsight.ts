import { hasOutlived } from '../../verdict/advice/fix-idle-timeout';
import type { Collection } from '../collect/collection';
import { longestIdleMs } from '../collect/host';
import { type Range, widened } from '../collect/timeouts';
import { burstsOf, outagesOf } from './bursts';
import { endingsOf } from './ending';
import { type Incident, incidentOf, isJudged } from './incidents';
import type { Judgements } from './judgement';
import { judgeIdleTimeouts } from './known-timeout';
import { noRestartOf, type Place, refusedAfter, restartOf } from './restart';
import { judgeSharedMoments, type Moment } from './shared-moment';
import { judgeTimeLimits } from './time-limit';

export interface Hindsight {
  readonly judgements: Judgements;
  /** In the order of time. */
  readonly incidents: readonly Incident[];
}

/**
 * Judges every `possible` verdict again, with everything before and after it, over all services and processes. It may
 * only turn it into another cause, with the reason.
 */
export function hindsightOf(collection: Collection): Hindsight {
  const { table } = collection;
  const judgements: Judgements = new Map();
  const moments: Moment[] = [];
  const outages: Incident[] = [];
  for (const [place, indices] of table.groups('place')) {
    const judged = judgeMoments(collection, place, indices, judgements);
    moments.push(...judged.moments);
    outages.push(...judged.outages);
  }
  const incidents = [...judgeSharedMoments(moments, judgements), ...outages];
  for (const [host, indices] of table.groups('host')) {
    const inFlight = endingsOf(table, indices).filter(({ isInFlight }) => isInFlight);
    const known = idleTimeoutOf(collection, host);
    if (known !== undefined) judgeIdleTimeouts(collection.hostOf(host), known, inFlight, judgements);
    judgeTimeLimits(collection.hostOf(host), inFlight, judgements);
  }
  return { judgements, incidents: incidents.sort((a, b) => a.atMs - b.atMs || a.place.localeCompare(b.place)) };
}

/** What ended at one place in one moment each, and for how long nothing listened there. */
function judgeMoments(
  { table, places, requests, failures, fromMs, toMs }: Collection,
  name: string,
  indices: readonly number[],
  judgements: Judgements,
): { readonly moments: readonly Moment[]; readonly outages: readonly Incident[] } {
  const endings = endingsOf(table, indices);
  const refused = endings.filter(({ isRefused }) => isRefused);
  const open = endings.filter(({ isRefused, isLocal }) => !isRefused && !isLocal);
  const seconds = Math.max(1, (toMs - fromMs) / 1_000);
  const bursts = burstsOf(open);
  // Moments are independent of each other; the failures within one are not.
  const others = Math.max(0, bursts.length - 1);
  const areHealthyKept = failures <= requests / 2;
  const { lifetimes, longestConnectMs } = places.get(name) ?? {};
  const place: Place = {
    name,
    lifetimes,
    longestConnectMs,
    refused,
    moments: others,
    momentsPerSecond: others / seconds,
    areHealthyKept,
  };
  const outages = outagesOf(refused, place.lifetimes).flatMap((outage) => incidentOf(outage, name) ?? []);
  const moments = bursts.flatMap((burst) => {
    const judgement = restartOf(burst, place);
    const contrary = noRestartOf(burst, place);
    if (contrary !== undefined)
      for (const ending of burst.endings)
        if (ending.cause === 'peer_restart' && isJudged(ending, contrary)) judgements.set(ending.index, contrary);
    if (judgement !== undefined)
      for (const ending of burst.endings) if (isJudged(ending, judgement)) judgements.set(ending.index, judgement);
    const incident = incidentOf(burst, name, refusedAfter(burst, place), judgement);
    return incident === undefined ? [] : { burst, incident };
  });
  return { moments, outages };
}

/** What any process learned about the peer's idle timeout; undefined if connections have outlived it. */
function idleTimeoutOf(collection: Collection, host: string): Range | undefined {
  let known: Range | undefined;
  for (const each of collection.timeouts.values()) {
    if (each.host !== host) continue;
    for (const range of [each.announced, each.observed])
      if (range !== undefined && range.fromMs > 0) known = widened(widened(known, range.fromMs), range.toMs);
  }
  return known !== undefined && hasOutlived(longestIdleMs(collection.hostOf(host)), known.toMs) ? undefined : known;
}
