import { IDLE_BUCKETS, idleBucket } from '../../idle-bucket';
import { isAvoidable } from '../../verdict/avoidable';
import { type HttpSpan, isNamed } from '../read/http-span';
import type { SpanSink } from '../read/otlp';
import type { FailedSpan } from './failure-row';
import { FailureTable } from './failure-table';
import { count, countCause, type Host, newHost } from './host';
import { Lifetimes } from './lifetimes';
import { entryOf } from './names';
import { learnTimeouts, newTimeouts, type Timeouts } from './timeouts';

const MOST_HOSTS = 1_000;
const MOST_SERVICES = 1_000;
const MOST_LINKS = 5_000;
const MOST_PLACES = 2_000;

export interface ServiceCount {
  readonly name: string;
  /** HTTP requests that it sent. */
  requests: number;
  /** How many of them are annotated. */
  annotated: number;
}

/** What healthy requests to one place show. */
export interface PlaceFacts {
  readonly lifetimes: Lifetimes;
  /** How long a connect took at most, ms; undefined if unknown. */
  longestConnectMs: number | undefined;
}

const newPlace = (): PlaceFacts => ({ lifetimes: new Lifetimes(), longestConnectMs: undefined });

export interface Wanted {
  /** Spans that ended before this are ignored. */
  readonly sinceMs: number | undefined;
  /** Only spans of these services, each named with its namespace or without; of all if empty. */
  readonly services: readonly string[];
}

/** What is kept of all spans that were read: bounded, however many there are. */
export class Collection implements SpanSink {
  readonly wanted: Wanted;
  spans = 0;
  /** HTTP spans that were not wanted: of another service (or metrics or searches of it), or from before the period. */
  readonly leftOut = { service: 0, since: 0 };
  /** HTTP requests that clients sent where this package was at work: of others a failure would not show. */
  requests = 0;
  failures = 0;
  /** Failures that a client could have avoided alone. */
  avoidable = 0;
  /** Requests that the program itself cancelled; they are no failures. */
  cancelled = 0;
  /** Requests whose client left, as their servers saw it. */
  clientsGone = 0;
  fromMs = Number.POSITIVE_INFINITY;
  toMs = Number.NEGATIVE_INFINITY;
  readonly hosts = new Map<string, Host>();
  readonly services = new Map<string, ServiceCount>();
  readonly timeouts = new Map<string, Timeouts>();
  readonly table = new FailureTable();
  /** By `placeOf` a healthy span. */
  readonly places = new Map<string, PlaceFacts>();

  constructor(wanted: Wanted) {
    this.wanted = wanted;
  }

  other(): void {
    this.spans += 1;
  }

  http(span: HttpSpan): void {
    this.spans += 1;
    const { sinceMs } = this.wanted;
    const isOld = sinceMs !== undefined && span.endMs < sinceMs;
    if (!isOld && span.isClient && span.isAnnotated && span.failure === undefined) this.#livedOn(span);
    if (!this.isWanted(span.service)) return;
    if (isOld) {
      this.leftOut.since += 1;
      return;
    }
    if (span.isClient) this.#client(span);
    else if (span.failure?.cause === 'client_gone') this.clientsGone += 1;
  }

  /** Whether to count what this service did. */
  isWanted(service: string): boolean {
    const { services } = this.wanted;
    const isWanted = services.length === 0 || services.some((name) => isNamed(service, name));
    if (!isWanted) this.leftOut.service += 1;
    return isWanted;
  }

  hostOf(name: string): Host {
    return entryOf(this.hosts, name, MOST_HOSTS, newHost);
  }

  timeoutsOf(service: string, host: string): Timeouts {
    return entryOf(this.timeouts, `${service}\n${host}`, MOST_LINKS, () => newTimeouts(service, host));
  }

  #client(span: HttpSpan): void {
    const { service, connection, failure } = span;
    const counted = entryOf(this.services, service, MOST_SERVICES, (name) => ({ name, requests: 0, annotated: 0 }));
    counted.requests += 1;
    if (!span.isAnnotated) return;
    counted.annotated += 1;
    this.requests += 1;
    if (span.startMs < this.fromMs) this.fromMs = span.startMs;
    if (span.endMs > this.toMs) this.toMs = span.endMs;
    if (connection.clientTimeoutMs !== undefined || connection.peerTimeoutMs !== undefined)
      learnTimeouts(this.timeoutsOf(service, span.host), span);
    const host = this.hostOf(span.host);
    if (isCancelled(span)) this.cancelled += 1;
    countRequest(host, span);
    if (isFailed(span)) this.#failed(host, span);
    else if (failure === undefined) this.#succeeded(host, span);
  }

  #failed(host: Host, span: FailedSpan): void {
    const { kind, cause, confidence, initiator, retrySafe } = span.failure;
    this.failures += 1;
    if (isAvoidable(span.failure, span.connection)) this.avoidable += 1;
    countCause(host, cause, confidence);
    if (initiator !== 'local' && kind !== undefined && ENDINGS.has(kind)) host.endedByPeer += 1;
    if (retrySafe === true) host.safe += 1;
    if (retrySafe === false) host.unsafe += 1;
    this.table.add(span);
  }

  #succeeded(host: Host, span: HttpSpan): void {
    const { connection, startMs, endMs } = span;
    host.durations.add(endMs - startMs);
    // An idle age is longer than its connection's age only by the wall clock, which is sometimes set.
    const idleMs = Math.min(connection.idleMs ?? 0, connection.ageMs ?? Number.POSITIVE_INFINITY);
    const { longestIdleMsOf: longest } = host;
    const known = longest.get(span.service);
    const isRoom = known !== undefined || longest.size < MOST_SERVICES;
    if (isRoom && idleMs > (known ?? 0)) longest.set(span.service, idleMs);
  }

  /** Counted for every service: evidence against a restart may come from one that `--service` excludes. */
  #livedOn(span: HttpSpan): void {
    const { connection, startMs, endMs } = span;
    const bornMs =
      startMs + (connection.queueMs ?? 0) + (connection.reused ? -(connection.ageMs ?? 0) : setUpMs(connection));
    const place = entryOf(this.places, placeOf(span), MOST_PLACES, newPlace);
    place.lifetimes.add(bornMs, endMs);
    if (connection.connectMs !== undefined)
      place.longestConnectMs = Math.max(place.longestConnectMs ?? 0, connection.connectMs);
  }
}

/** Kinds of failure that end an open connection. */
export const ENDINGS: ReadonlySet<string> = new Set(['reset', 'closed', 'broken_pipe', 'truncated']);

/** Setup time of a fresh connection, ms; 0 for a reused one. */
export function setUpMs({ dnsMs = 0, connectMs = 0, tlsMs = 0 }: HttpSpan['connection']): number {
  return dnsMs + connectMs + tlsMs;
}

/** Where the connection of a span leads: its address if known, because one name may stand for many machines. */
function placeOf({ address, host }: HttpSpan): string {
  return address ?? host;
}

/** Cancelling is not failing. */
function isCancelled({ failure }: HttpSpan): boolean {
  return failure?.kind === 'local_abort' || (failure?.cause === 'client_cancelled' && failure.initiator === 'local');
}

function isFailed(span: HttpSpan): span is FailedSpan {
  return span.failure !== undefined && !isCancelled(span);
}

function countRequest(host: Host, span: HttpSpan): void {
  const { reused, idleMs, nearMiss } = span.connection;
  const hasFailed = isFailed(span);
  count(host.all, hasFailed);
  if (nearMiss) host.nearMisses += 1;
  if (reused !== undefined) count(reused ? host.reused : host.fresh, hasFailed);
  const bucket = idleMs === undefined ? undefined : host.byIdle[IDLE_BUCKETS.indexOf(idleBucket(idleMs))];
  if (bucket !== undefined) count(bucket, hasFailed);
}
