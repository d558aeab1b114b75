import { hasOutlived, idleTimeoutBelow } from '../../verdict/advice/fix-idle-timeout';
import type { Collection } from '../collect/collection';
import type { Host } from '../collect/host';
import type { Range, Timeouts } from '../collect/timeouts';
import type { Change } from './changes';

/** Whose idle timeout is shorter? */
export interface TimeoutFinding {
  readonly service: string;
  readonly host: string;
  /** The client's, ms; 0 = none. */
  readonly client: Range | undefined;
  readonly announced: Range | undefined;
  readonly observed: Range | undefined;
  /** `differs`: the peer's for some pools of the service, the client's for others. Undefined if one is unknown. */
  readonly shorter: 'client' | 'peer' | 'differs' | undefined;
  /** Requests that succeeded on a connection that was idle for almost the peer's timeout. */
  readonly nearMisses: number;
  /** The timeout for the client to set, ms, if the peer's is shorter; the changes' value if lower. */
  readonly advisedMs: number | undefined;
  /** That is not because of the peer, but of a path that may forget connections sooner. */
  readonly isForPath: boolean;
}

/** The changes' advice for one service and host. */
interface Advised {
  /** The shortest idle timeout to set, ms. */
  readonly valueMs: number;
  /** The peer closed connections before the client did. */
  readonly isPeerShorter: boolean;
  /** The shortest one is for a path that may have forgotten connections. */
  readonly isForPath: boolean;
}

/** Mismatches first, then those with the most near misses. */
export function timeoutFindings(collection: Collection, changes: readonly Change[]): TimeoutFinding[] {
  const advised = new Map<string, Advised>();
  for (const change of changes) {
    const { valueMs } = change.setting ?? {};
    if (valueMs === undefined) continue;
    const key = keyOf({ service: change.service, host: change.hosts[0] ?? '' });
    const known = advised.get(key);
    const isShortest = known === undefined || valueMs < known.valueMs;
    advised.set(key, {
      valueMs: isShortest ? valueMs : known.valueMs,
      isPeerShorter: change.cause === 'stale_keepalive' || known?.isPeerShorter === true,
      isForPath: isShortest ? change.cause === 'idle_expired' : known.isForPath,
    });
  }
  return [...collection.timeouts.values()]
    .map((each) => findingOf(each, collection.hostOf(each.host), advised.get(keyOf(each))))
    .sort((a, b) => rank(b) - rank(a) || b.nearMisses - a.nearMisses || keyOf(a).localeCompare(keyOf(b)));
}

const keyOf = ({ service, host }: { readonly service: string; readonly host: string }) => `${service} ${host}`;
const rank = ({ shorter }: TimeoutFinding) => (shorter === undefined ? 0 : shorter === 'client' ? 1 : 2);

function findingOf(timeouts: Timeouts, { longestIdleMsOf }: Host, advised: Advised | undefined): TimeoutFinding {
  const { service, host, client, announced, observed, mismatches, nearMisses } = timeouts;
  const ranges = [announced, observed].flatMap((range) => (range === undefined || range.fromMs <= 0 ? [] : range));
  const known = ranges.filter(({ toMs }) => !hasOutlived(longestIdleMsOf.get(service) ?? 0, toMs));
  const peerMs = known.length === 0 ? undefined : Math.min(...known.map(({ fromMs }) => fromMs));
  // A refuted timeout is not a mismatch.
  const isRefuted = ranges.length > 0 && known.length === 0;
  const said = isRefuted ? [] : [...mismatches.values()].flatMap(({ is }) => is ?? []);
  if (advised?.isPeerShorter) said.push(true);
  const shorter = shorterOf(said.length > 0 ? said : compared(client, peerMs));
  const isPeers = shorter === 'peer' || shorter === 'differs';
  const advisedMs =
    isPeers && peerMs !== undefined
      ? Math.min(advised?.valueMs ?? Number.POSITIVE_INFINITY, idleTimeoutBelow(peerMs))
      : undefined;
  return {
    service,
    host,
    client,
    announced,
    observed,
    shorter,
    nearMisses,
    advisedMs,
    isForPath: advised?.isForPath === true && advisedMs === advised.valueMs,
  };
}

/** From whether the peer's was shorter, for each pool. */
function shorterOf(mismatches: readonly boolean[]): TimeoutFinding['shorter'] {
  if (mismatches.length === 0) return undefined;
  if (mismatches.every(Boolean)) return 'peer';
  return mismatches.some(Boolean) ? 'differs' : 'client';
}

/** A client without a timeout keeps connections for longer than any peer. */
function compared(client: Range | undefined, peerMs: number | undefined): boolean[] {
  if (client === undefined || peerMs === undefined) return [];
  return [client.fromMs, client.toMs].map((ms) => ms === 0 || ms >= peerMs);
}
