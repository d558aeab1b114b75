import type { Burst } from './bursts';
import type { FailureEnd } from './ending';
import type { Judgement } from './judgement';

/** Connections of one moment are an incident from this many on, or from one on if a connect was refused then. */
const LEAST_CONNECTIONS = 3;

/** Failures of one peer that belong together. */
export interface Incident {
  readonly atMs: number;
  readonly lastedMs: number;
  /** The host, as the clients call it. */
  readonly host: string;
  /** How many hosts are at that place. */
  readonly hosts: number;
  /** The address at the other end, where it is known, or the resolver of a service. */
  readonly place: string;
  /** How many established connections it hit. */
  readonly connections: number;
  readonly services: readonly string[];
  /** Requests that failed, and those of them that were not safe to retry. */
  readonly lost: number;
  readonly notSafeToRetry: number;
  /** How long after the first of them a new connection was refused, ms. */
  readonly refusedAfterMs: number | undefined;
  /** What hindsight makes of the moment, else the most frequent causes, joined by "or". */
  readonly cause: string;
  /** Hindsight's reason; undefined if most of the spans already name this cause. */
  readonly reason: string | undefined;
  /** Most of the spans with this cause are only `possible`. */
  readonly isPossible: boolean;
  /** Busy processes noticed most of it late: it may not have been one moment. */
  readonly isSeenLate: boolean;
  /** It lasted longer than a moment, without a pause. */
  readonly isContinuing: boolean;
}

/** The incident that a burst is; undefined if it is none. */
export function incidentOf(
  burst: Burst,
  place: string,
  refused?: FailureEnd,
  judgement?: Judgement,
): Incident | undefined {
  const { endings, fromMs, toMs, connections, established, isContinuing } = burst;
  if (connections < LEAST_CONNECTIONS && refused === undefined) return undefined;
  const causes = mostFrequent(endings.map((ending) => ending.cause));
  const said = causes.join(' or ');
  const sayers = endings.filter((ending) => causes.includes(ending.cause));
  // Connections that a restart closed while they were idle fail as stale in the same moment.
  const cause = judgement?.cause ?? said;
  return {
    atMs: fromMs,
    lastedMs: toMs - fromMs,
    host: mostFrequent(endings.map(({ host }) => host))[0] ?? '',
    hosts: new Set(endings.map(({ host }) => host)).size,
    place,
    connections: established,
    services: [...new Set(endings.map(({ service }) => service))].sort(),
    lost: endings.length,
    notSafeToRetry: endings.filter(({ isUnsafe }) => isUnsafe).length,
    refusedAfterMs: refused === undefined ? undefined : Math.max(0, refused.atMs - fromMs),
    cause,
    reason: cause === said ? undefined : judgement?.reason,
    isPossible: 2 * sayers.filter((ending) => ending.isPossible).length > sayers.length,
    isSeenLate: 2 * endings.filter(({ isSeenLate }) => isSeenLate).length > endings.length,
    isContinuing,
  };
}

/** Only a `possible` verdict on an end in flight becomes another. */
export function isJudged({ isInFlight, isPossible, cause }: FailureEnd, judgement: Judgement): boolean {
  return isInFlight && isPossible && cause !== judgement.cause;
}

/** The most frequent values in alphabetical order: several if they are equally frequent. */
function mostFrequent(values: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const most = Math.max(...counts.values());
  const those = [...counts].filter(([, count]) => count === most).map(([value]) => value);
  return those.sort();
}
