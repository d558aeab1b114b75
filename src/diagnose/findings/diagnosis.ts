import { isAvoidable } from '../../verdict/avoidable';
import type { Collection } from '../collect/collection';
import type { FailedSpan } from '../collect/failure-row';
import { hindsightOf } from '../hindsight/hindsight';
import type { Incident } from '../hindsight/incidents';
import { inHindsight, type Judgements } from '../hindsight/judgement';
import { limitFindings } from './caveats';
import { type Change, changeFindings, type RetryFinding } from './changes';
import { type HostFinding, hostFindings } from './hosts';
import { type ReuseFinding, reuseFindings } from './reuse';
import { type Timeline, timelineOf } from './timeline';
import { type TimeoutFinding, timeoutFindings } from './timeouts';

/** Where the evidence comes from. */
export interface SourceFinding {
  readonly name: string;
  readonly kind: string;
  /** Lines that could not be read, and the first of them. */
  readonly brokenLines: number;
  readonly firstBroken: { readonly line: number; readonly why: string } | undefined;
  /** Why only a part of it could be read; undefined if all could. */
  readonly stopped: string | undefined;
  /** What this kind of source cannot say. */
  readonly notes: readonly string[];
}

/** All that `diagnose` found, in the order in which it is printed. `--json` prints this. */
export interface Diagnosis {
  readonly sources: readonly SourceFinding[];
  readonly spans: number;
  /** How many of these `--service` and `--since` left out; for metrics and searches, what was not queried. */
  readonly leftOut: { readonly service: number; readonly since: number };
  readonly requests: number;
  readonly failures: number;
  /** Failures that were looked at one by one: none of those that only metrics show. */
  readonly examined: number;
  /** Failures that a client could have avoided alone. */
  readonly avoidable: number;
  /** Services that sent these requests. */
  readonly services: readonly string[];
  /** Of the first and the last request, ms since 1970; undefined without requests. */
  readonly period: { readonly fromMs: number; readonly toMs: number } | undefined;
  readonly hosts: readonly HostFinding[];
  readonly reuse: readonly ReuseFinding[];
  readonly timeouts: readonly TimeoutFinding[];
  readonly incidents: readonly Incident[];
  readonly changes: readonly Change[];
  readonly retry: RetryFinding;
  readonly limits: readonly string[];
  readonly timeline: Timeline | undefined;
}

export function diagnosisOf(collection: Collection, sources: readonly SourceFinding[]): Diagnosis {
  const hindsight = hindsightOf(collection);
  const { changes, retry } = changeFindings(collection, hindsight.judgements);
  const { fromMs, toMs } = collection;
  return {
    sources,
    spans: collection.spans,
    leftOut: collection.leftOut,
    requests: collection.requests,
    failures: collection.failures,
    examined: collection.table.length,
    avoidable: avoidableOf(collection, hindsight.judgements),
    services: observedServices(collection),
    period: fromMs <= toMs ? { fromMs, toMs } : undefined,
    hosts: hostFindings(collection, hindsight.judgements),
    reuse: reuseFindings(collection),
    timeouts: timeoutFindings(collection, changes),
    incidents: hindsight.incidents,
    changes,
    retry,
    limits: limitFindings(
      collection,
      [...doubleCounted(sources), ...sources.flatMap(({ notes }) => notes)],
      sources.some(({ kind }) => kind !== 'prometheus'),
    ),
    timeline: timelineOf(collection, hindsight.judgements),
  };
}

/** How many the spans call avoidable, corrected by hindsight. */
function avoidableOf({ avoidable, table }: Collection, judgements: Judgements): number {
  const isOne = ({ failure, connection }: FailedSpan) => Number(isAvoidable(failure, connection));
  let count = avoidable;
  for (const [index, judgement] of judgements) {
    const span = table.at(index);
    count += isOne(inHindsight(span, judgement)) - isOne(span);
  }
  return count;
}

function observedServices({ services }: Collection): string[] {
  const observed = [...services.values()].filter(({ annotated }) => annotated > 0);
  return observed.map(({ name }) => name).sort();
}

function doubleCounted(sources: readonly SourceFinding[]): string[] {
  const kinds = new Set(sources.map(({ kind }) => kind));
  return kinds.has('prometheus') && kinds.size > 1
    ? ['Metrics and spans count the same requests twice: name Prometheus alone, or leave it out']
    : [];
}
