import * as conventions from '../../conventions';
import { IDLE_BUCKETS, idleBucket } from '../../idle-bucket';
import * as names from '../../semconv';
import { isAvoidable } from '../../verdict/avoidable';
import { FAILURE_CAUSES, FAILURE_KINDS, type FailureCause, type FailureKind } from '../../verdict/failure';
import { type Collection, ENDINGS } from '../collect/collection';
import { count, countCause, type Host, type Rate } from '../collect/host';
import { hostAndPort } from '../read/place';
import type { Sample } from './prometheus-api';

/** The name of an attribute as a label. */
export const label = (attribute: string) => attribute.replace(/\W/g, '_');
export const ADDRESS = label(conventions.ATTR_SERVER_ADDRESS);
export const PORT = label(conventions.ATTR_SERVER_PORT);
export const KIND = label(names.ATTR_SOCKET_FAILURE_KIND);
export const CAUSE = label(names.ATTR_SOCKET_FAILURE_CAUSE);
export const REUSED = label(names.ATTR_SOCKET_REUSED);
export const OUTCOME = label(names.ATTR_SOCKET_OUTCOME);

/**
 * The job is `namespace/name` of the service.
 * @see https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#resource-attributes-1
 */
export function serviceOf({ label: read }: Sample): string {
  return read('job') ?? 'unknown_service';
}

export function hostOf({ label: read }: Sample): string {
  const port = Number(read(PORT));
  return hostAndPort(read(ADDRESS) ?? 'unknown host', port > 0 ? port : undefined);
}

/** Requests of one service to one host. */
interface Link {
  readonly sample: Sample;
  readonly fresh: Rate;
  readonly reused: Rate;
}

/**
 * Adds up metrics of which none counts requests: connections that were closed, for the requests on fresh ones; idle
 * ages, for those on reused ones; and failures, which may be on either, or on no connection.
 */
export class MetricCounts {
  readonly #collection: Collection;
  readonly #links = new Map<string, Link>();
  /** Failures that may or may not have been on a connection that is also counted. */
  unplaced = 0;

  constructor(collection: Collection) {
    this.#collection = collection;
  }

  addFresh(sample: Sample): void {
    if (sample.value <= 0) return;
    this.#addRequests(sample, sample.value);
    count(this.#hostOf(sample).fresh, false, sample.value);
    count(this.#linkOf(sample).fresh, false, sample.value);
  }

  /** From the buckets of the histogram, which are cumulative and finer than ours. */
  addReused(samples: readonly Sample[]): void {
    for (const buckets of seriesOf(samples)) {
      let below = 0;
      for (const sample of buckets.sort((a, b) => edgeOf(a) - edgeOf(b))) {
        const requests = Math.max(0, sample.value - below);
        below = Math.max(below, sample.value);
        if (requests === 0) continue;
        const host = this.#hostOf(sample);
        this.#addRequests(sample, requests);
        host.reused.requests += requests;
        this.#linkOf(sample).reused.requests += requests;
        // An age at the edge belongs to the bucket below it.
        const bucket = host.byIdle[IDLE_BUCKETS.indexOf(idleBucket(edgeOf(sample) * 1_000 - 1))];
        if (bucket !== undefined) count(bucket, sample.label(OUTCOME) === 'failed', requests);
      }
    }
  }

  addFailures(sample: Sample): void {
    const failures = sample.value;
    if (failures <= 0) return;
    const host = this.#hostOf(sample);
    const kind = FAILURE_KINDS.find((each) => each === sample.label(KIND));
    const cause = FAILURE_CAUSES.find((each) => each === sample.label(CAUSE));
    this.#collection.failures += failures;
    host.all.failures += failures;
    this.#place(host, sample, kind, cause);
    countCause(host, cause, undefined, failures);
    if (kind !== undefined && ENDINGS.has(kind)) host.endedByPeer += failures;
    if (cause !== undefined && isAvoidable({ cause })) this.#collection.avoidable += failures;
  }

  /** Counts the requests of failures on connections that no other metric has counted: those that are still open. */
  finish(): void {
    for (const { sample, ...link } of this.#links.values())
      for (const which of ['fresh', 'reused'] as const) {
        const missing = Math.max(0, link[which].failures - link[which].requests);
        this.#addRequests(sample, missing);
        this.#hostOf(sample)[which].requests += missing;
      }
  }

  #place(host: Host, sample: Sample, kind: FailureKind | undefined, cause: FailureCause | undefined): void {
    const failures = sample.value;
    const reused = sample.label(REUSED);
    const where =
      reused === 'true' ? 'reused' : reused === 'false' && isOnConnection(kind, cause) ? 'fresh' : undefined;
    if (where !== undefined) {
      host[where].failures += failures;
      this.#linkOf(sample)[where].failures += failures;
      return;
    }
    this.#addRequests(sample, failures);
    if (cause !== undefined && UNCONNECTED.has(cause)) return;
    this.unplaced += failures;
    host.perhapsFresh += failures;
    // The series of what is too rare for one of its own does not distinguish fresh and reused connections.
    if (reused !== 'false') host.perhapsReused += failures;
  }

  #addRequests(sample: Sample, requests: number): void {
    const { services } = this.#collection;
    const name = serviceOf(sample);
    const service = services.get(name) ?? { name, requests: 0, annotated: 0 };
    services.set(name, service);
    service.requests += requests;
    service.annotated += requests;
    this.#collection.requests += requests;
    this.#hostOf(sample).all.requests += requests;
  }

  #hostOf(sample: Sample): Host {
    return this.#collection.hostOf(hostOf(sample));
  }

  #linkOf(sample: Sample): Link {
    const key = `${serviceOf(sample)}\n${hostOf(sample)}`;
    const rate = () => ({ requests: 0, failures: 0 });
    const link = this.#links.get(key) ?? { sample, fresh: rate(), reused: rate() };
    this.#links.set(key, link);
    return link;
  }
}

/** There was no connection. `socket.reused` is false on them, too: they wanted a new one. */
const UNCONNECTED: ReadonlySet<FailureCause> = new Set<FailureCause>([
  'not_listening',
  'unreachable',
  'name_not_resolved',
  'connect_timeout',
]);
/** Causes that only end an established connection; others may also end it during setup. */
const IN_FLIGHT: ReadonlySet<FailureCause> = new Set<FailureCause>([
  'stale_keepalive',
  'idle_expired',
  'recycled',
  'peer_restart',
  'peer_aborted',
  'response_timeout',
  'protocol_mismatch',
]);

function isOnConnection(kind: FailureKind | undefined, cause: FailureCause | undefined): boolean {
  return kind === 'truncated' || (cause !== undefined && IN_FLIGHT.has(cause));
}

function edgeOf(sample: Sample): number {
  const edge = sample.label('le');
  return edge === '+Inf' ? Number.POSITIVE_INFINITY : Number(edge);
}

/** The buckets of each histogram. */
function seriesOf(samples: readonly Sample[]): Sample[][] {
  const series = new Map<string, Sample[]>();
  for (const sample of samples) {
    const key = [serviceOf(sample), hostOf(sample), sample.label(OUTCOME)].join('\n');
    const known = series.get(key);
    if (known === undefined) series.set(key, [sample]);
    else known.push(sample);
  }
  return [...series.values()];
}
