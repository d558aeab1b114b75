import { FAILURE_CONFIDENCES } from '../../verdict/failure';
import type { Collection } from '../collect/collection';
import type { Judgements } from '../hindsight/judgement';

/** The failures of a host that have one cause. */
export interface CauseFinding {
  readonly cause: string;
  readonly failures: number;
  readonly byConfidence: Readonly<Record<string, number>>;
  /** What hindsight makes of those that were only `possible`. */
  readonly inHindsight: Readonly<Record<string, number>>;
}

/** Which host resets? */
export interface HostFinding {
  readonly host: string;
  readonly requests: number;
  readonly failures: number;
  /** The peer, or something on the way, ended an open connection. */
  readonly endedByPeer: number;
  /** Most first. */
  readonly causes: readonly CauseFinding[];
  /** Failures that were safe to retry, and that were not; of the others it is unknown. */
  readonly safeToRetry: number;
  readonly notSafeToRetry: number;
}

/** All hosts with failures, most failures first. */
export function hostFindings(collection: Collection, judgements: Judgements): HostFinding[] {
  const changed = changesByHost(collection, judgements);
  return [...collection.hosts.values()]
    .filter(({ all }) => all.failures > 0)
    .map((host) => ({
      host: host.name,
      requests: host.all.requests,
      failures: host.all.failures,
      endedByPeer: host.endedByPeer,
      causes: [...host.causes.values()]
        .map(({ cause, failures, byConfidence }) => ({
          cause,
          failures,
          byConfidence: Object.fromEntries(
            FAILURE_CONFIDENCES.flatMap((each) => {
              const count = byConfidence.get(each);
              return count === undefined ? [] : [[each, count]];
            }),
          ),
          inHindsight: Object.fromEntries(changed.get(`${host.name}\n${cause}`) ?? []),
        }))
        .sort((a, b) => b.failures - a.failures || a.cause.localeCompare(b.cause)),
      safeToRetry: host.safe,
      notSafeToRetry: host.unsafe,
    }))
    .sort((a, b) => b.failures - a.failures || a.host.localeCompare(b.host));
}

/** How often hindsight changed each host's causes, and to what. */
function changesByHost({ table }: Collection, judgements: Judgements): Map<string, Map<string, number>> {
  const changes = new Map<string, Map<string, number>>();
  for (const [index, { cause }] of judgements) {
    const { host, failure } = table.at(index);
    const key = `${host}\n${failure.cause ?? 'unknown'}`;
    const counts = changes.get(key) ?? new Map<string, number>();
    changes.set(key, counts);
    counts.set(cause, (counts.get(cause) ?? 0) + 1);
  }
  return changes;
}
