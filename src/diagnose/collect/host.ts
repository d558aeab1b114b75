import { IDLE_BUCKETS } from '../../idle-bucket';
import type { FailureCause, FailureConfidence } from '../../verdict/failure';
import { Durations } from './durations';

/** Requests, and how many of them failed. */
export interface Rate {
  requests: number;
  failures: number;
}

const rate = (): Rate => ({ requests: 0, failures: 0 });

export function count(into: Rate, hasFailed: boolean, times = 1): void {
  into.requests += times;
  if (hasFailed) into.failures += times;
}

/** The verdicts on the failures of a host. */
interface CauseCount {
  readonly cause: FailureCause;
  failures: number;
  readonly byConfidence: Map<FailureConfidence, number>;
}

/** What the spans of all clients say about one host. */
export interface Host {
  readonly name: string;
  readonly all: Rate;
  readonly fresh: Rate;
  readonly reused: Rate;
  /** Failures that may have been on fresh or on reused connections, or on none; they are in neither rate. */
  perhapsFresh: number;
  perhapsReused: number;
  /** Reused connections, by `IDLE_BUCKETS`. */
  readonly byIdle: readonly Rate[];
  readonly causes: Map<FailureCause, CauseCount>;
  /** The peer ended an open connection: reset, closed, broken pipe, truncated. */
  endedByPeer: number;
  /** `retry_safe`, where it is known. */
  safe: number;
  unsafe: number;
  nearMisses: number;
  /** The longest idle age of a connection on which a request succeeded, ms, by service. */
  readonly longestIdleMsOf: Map<string, number>;
  /** Of requests that succeeded. */
  readonly durations: Durations;
}

export function longestIdleMs({ longestIdleMsOf }: Host): number {
  return Math.max(0, ...longestIdleMsOf.values());
}

export function newHost(name: string): Host {
  return {
    name,
    all: rate(),
    fresh: rate(),
    reused: rate(),
    perhapsFresh: 0,
    perhapsReused: 0,
    byIdle: IDLE_BUCKETS.map(rate),
    causes: new Map(),
    endedByPeer: 0,
    safe: 0,
    unsafe: 0,
    nearMisses: 0,
    longestIdleMsOf: new Map(),
    durations: new Durations(),
  };
}

/** Adds failures with this verdict; one without a cause that is known counts as `unknown`. */
export function countCause(
  { causes }: Host,
  cause: FailureCause = 'unknown',
  confidence: FailureConfidence | undefined,
  times = 1,
): void {
  const entry = causes.get(cause) ?? { cause, failures: 0, byConfidence: new Map() };
  causes.set(cause, entry);
  entry.failures += times;
  if (confidence !== undefined) entry.byConfidence.set(confidence, (entry.byConfidence.get(confidence) ?? 0) + times);
}
