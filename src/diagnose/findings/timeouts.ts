import { idleTimeoutBelow } from '../../verdict/advice/fix-idle-timeout';
import type { Collection } from '../collect/collection';
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
  /** Undefined if one of the two is unknown. */
  readonly shorter: 'client' | 'peer' | undefined;
  /** Requests that succeeded on a connection that was idle for almost the peer's timeout. */
  readonly nearMisses: number;
  /** What the client should set, ms, where the peer's is shorter: what the changes say, if they say less. */
  readonly advisedMs: number | undefined;
}

/** Mismatches first, then those with the most near misses. */
export function timeoutFindings({ timeouts }: Collection, changes: readonly Change[]): TimeoutFinding[] {
  const advised = new Map<string, number>();
  for (const change of changes) {
    const { valueMs } = change.setting ?? {};
    if (valueMs !== undefined) advised.set(keyOf(change), Math.min(valueMs, advised.get(keyOf(change)) ?? valueMs));
  }
  return [...timeouts.values()]
    .map((each) => findingOf(each, advised.get(keyOf(each))))
    .sort((a, b) => rank(b) - rank(a) || b.nearMisses - a.nearMisses || keyOf(a).localeCompare(keyOf(b)));
}

const keyOf = ({ service, host }: { readonly service: string; readonly host: string }) => `${service} ${host}`;
const rank = ({ shorter }: TimeoutFinding) => (shorter === 'peer' ? 2 : shorter === undefined ? 0 : 1);

function findingOf(
  { service, host, client, announced, observed, mismatch, nearMisses }: Timeouts,
  changeMs = Number.POSITIVE_INFINITY,
): TimeoutFinding {
  const known = [announced?.fromMs, observed?.fromMs].filter((ms) => ms !== undefined && ms > 0) as number[];
  const peerMs = known.length === 0 ? undefined : Math.min(...known);
  const shorter = mismatch === undefined ? compare(client, peerMs) : mismatch ? 'peer' : 'client';
  return {
    service,
    host,
    client,
    announced,
    observed,
    shorter,
    nearMisses,
    advisedMs: shorter === 'peer' && peerMs !== undefined ? Math.min(changeMs, idleTimeoutBelow(peerMs)) : undefined,
  };
}

/** A client without a timeout keeps connections for longer than any peer. */
function compare(client: Range | undefined, peerMs: number | undefined): TimeoutFinding['shorter'] {
  if (client === undefined || peerMs === undefined) return undefined;
  return client.fromMs === 0 || client.toMs >= peerMs ? 'peer' : 'client';
}
