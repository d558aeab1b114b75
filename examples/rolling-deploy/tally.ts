import type { Incident } from './diagnose';
import type { PathName, ServerName, Way } from './messages';
import type { Ended } from './spans';

/** One roll of both instances, as the clients' spans saw it. */
export interface Roll {
  readonly path: PathName;
  readonly server: ServerName;
  readonly way: Way;
  readonly requests: number;
  /** Failed requests, and those that a proxy answered with 5xx. */
  readonly lost: number;
  /** Connections that ended before the answer: by a RST, a FIN or a broken pipe. */
  readonly reset: number;
  readonly truncated: number;
  readonly refused: number;
  /** Answers of 5xx. */
  readonly answered5xx: number;
  /** How many failures have which cause, the most frequent first. */
  readonly causes: readonly (readonly [cause: string, count: number])[];
  /** What `diagnose` finds in the spans. */
  readonly incidents: readonly Incident[];
  /** Instances that did not leave by themselves within the grace period, and were killed. */
  readonly overdue: number;
}

const RESET = ['reset', 'closed', 'broken_pipe'];

export function tally(ends: readonly Ended[]): Omit<Roll, 'path' | 'server' | 'way' | 'incidents' | 'overdue'> {
  const failed = ends.filter(({ kind }) => kind !== undefined);
  const is5xx = ({ status, kind }: Ended) => kind === undefined && status !== undefined && status >= 500;
  const ofKind = (...kinds: string[]) => failed.filter(({ kind }) => kind !== undefined && kinds.includes(kind)).length;
  const causes = new Map<string, number>();
  for (const { cause = 'none' } of failed) causes.set(cause, (causes.get(cause) ?? 0) + 1);
  const answered5xx = ends.filter(is5xx).length;
  return {
    requests: ends.length,
    lost: failed.length + answered5xx,
    reset: ofKind(...RESET),
    truncated: ofKind('truncated'),
    refused: ofKind('refused'),
    answered5xx,
    causes: [...causes].sort(([, a], [, b]) => b - a),
  };
}

/** Fewer than these were no load. */
const FEWEST_REQUESTS = 50;

/** What is not as it has to be, in words: killed loses requests on each path, and drained none. */
export function faultsOf(rolls: readonly Roll[]): string[] {
  return rolls.flatMap(({ path, server, way, requests, lost, refused, overdue, incidents }) => {
    const name = `${path}, ${server}, ${way}`;
    const faults: string[] = [];
    if (requests < FEWEST_REQUESTS) faults.push(`${name}: only ${requests} requests`);
    if (way === 'killed' && lost === 0) faults.push(`${name}: no request was lost`);
    // Without a refused connect, a limiter ends requests in the same way.
    const isShown = way === 'killed' && path === 'direct' && refused > 0;
    if (isShown && !incidents.some(({ cause }) => cause.includes('peer_restart')))
      faults.push(`${name}: diagnose names no peer_restart`);
    if (server === 'node' && way === 'drained' && lost > 0) faults.push(`${name}: ${lost} requests were lost`);
    if (server === 'node' && way === 'drained' && overdue > 0)
      faults.push(`${name}: ${overdue} instances had to be killed`);
    return faults;
  });
}
