import * as conventions from '../../conventions';
import { IDLE_BUCKETS, idleBucket } from '../../idle-bucket';
import * as names from '../../semconv';
import { serverName } from '../../verdict/advice/phrases';
import { isAvoidable } from '../../verdict/avoidable';
import { FAILURE_CAUSES, FAILURE_KINDS, type FailureCause } from '../../verdict/failure';
import type { Collection } from '../collect/collection';
import { ENDINGS } from '../collect/collection';
import { count, countCause } from '../collect/host';
import { widened } from '../collect/timeouts';
import type { Api } from './api';
import { named, query, type Sample } from './prometheus-api';

const label = (attribute: string) => attribute.replace(/\W/g, '_');
const [ADDRESS, PORT] = [label(conventions.ATTR_SERVER_ADDRESS), label(conventions.ATTR_SERVER_PORT)];
const HOST = `job, ${ADDRESS}, ${PORT}`;
const KIND = label(names.ATTR_SOCKET_FAILURE_KIND);
const CAUSE = label(names.ATTR_SOCKET_FAILURE_CAUSE);
const REUSED = label(names.ATTR_SOCKET_REUSED);
const SOURCE = label(names.ATTR_SOCKET_PEER_TIMEOUT_SOURCE);
const OUTCOME = label(names.ATTR_SOCKET_OUTCOME);

/** Reads what metrics say of the period that ends at `toMs`. */
export async function readPrometheus(
  api: Api,
  collection: Collection,
  fromMs: number,
  toMs: number,
): Promise<readonly string[]> {
  const range = `[${Math.max(1, Math.round((toMs - fromMs) / 1_000))}s]`;
  const ask = async (expression: string) =>
    (await query(api, expression, toMs)).filter((sample) => isWanted(sample, collection));
  const increases = (by: string, metric: string) => ask(`round(sum by (${by}) (increase(${metric}${range})))`);
  collection.fromMs = Math.min(collection.fromMs, fromMs);
  collection.toMs = Math.max(collection.toMs, toMs);
  const opened = named(conventions.METRIC_HTTP_CLIENT_CONNECTION_DURATION, 'seconds', '_count');
  for (const sample of await increases(HOST, opened)) addFresh(collection, sample);
  const idle = named(names.METRIC_SOCKET_IDLE, 'seconds', '_bucket');
  addReused(collection, await increases(`${HOST}, ${OUTCOME}, le`, idle));
  const failures = named(names.METRIC_SOCKET_FAILURES, '', '_total');
  for (const sample of await increases(`${HOST}, ${KIND}, ${CAUSE}, ${REUSED}`, failures))
    addFailures(collection, sample);
  const misses = named(names.METRIC_SOCKET_NEAR_MISSES, '', '_total');
  for (const sample of await increases(HOST, misses)) addNearMisses(collection, sample);
  const client = named(names.METRIC_SOCKET_CLIENT_TIMEOUT, 'seconds');
  for (const sample of await ask(`max by (${HOST}) (${client})`)) addTimeout(collection, sample, 'client');
  const peer = named(names.METRIC_SOCKET_PEER_TIMEOUT, 'seconds');
  for (const sample of await ask(`min by (${HOST}, ${SOURCE}) (${peer} > 0)`))
    addTimeout(collection, sample, sample.label(SOURCE) === 'observed' ? 'observed' : 'announced');
  return NOTES;
}

const NOTES = [
  'Prometheus knows no retry safety, no confidence and no single failures: "avoidable" counts only what a setting avoids, and there is no code to paste and no retry policy to judge',
  'Prometheus knows no moments finer than a scrape: incidents are not looked for',
  'Requests on fresh connections are counted by connections that were closed in the period, so that rates of fresh ones are only about right',
];

function isWanted(sample: Sample, { wanted }: Collection): boolean {
  return wanted.services.length === 0 || wanted.services.includes(serviceOf(sample));
}

/** The Collector makes `namespace/service` of the job. */
function serviceOf({ label: read }: Sample): string {
  return read('job')?.replace(/^.*\//, '') ?? 'unknown_service';
}

function hostOf({ label: read }: Sample): string {
  const port = Number(read(PORT));
  return serverName(read(ADDRESS) ?? 'unknown host', port > 0 ? port : undefined);
}

function addRequests(collection: Collection, sample: Sample, requests: number): void {
  const name = serviceOf(sample);
  const service = collection.services.get(name) ?? { name, requests: 0, annotated: 0 };
  collection.services.set(name, service);
  service.requests += requests;
  service.annotated += requests;
  collection.requests += requests;
  collection.hostOf(hostOf(sample)).all.requests += requests;
}

function addFresh(collection: Collection, sample: Sample): void {
  if (sample.value <= 0) return;
  addRequests(collection, sample, sample.value);
  count(collection.hostOf(hostOf(sample)).fresh, false, sample.value);
}

/** From the buckets of the histogram, which are cumulative and finer than ours. */
function addReused(collection: Collection, samples: readonly Sample[]): void {
  const series = new Map<string, Sample[]>();
  for (const sample of samples) {
    const key = [serviceOf(sample), hostOf(sample), sample.label(OUTCOME)].join('\n');
    series.set(key, [...(series.get(key) ?? []), sample]);
  }
  for (const buckets of series.values()) {
    const edge = (sample: Sample) =>
      sample.label('le') === '+Inf' ? Number.POSITIVE_INFINITY : Number(sample.label('le'));
    let below = 0;
    for (const sample of buckets.sort((a, b) => edge(a) - edge(b))) {
      const requests = Math.max(0, sample.value - below);
      below = Math.max(below, sample.value);
      if (requests === 0) continue;
      const host = collection.hostOf(hostOf(sample));
      addRequests(collection, sample, requests);
      host.reused.requests += requests;
      // An age at the edge belongs to the bucket below it.
      const name = idleBucket(edge(sample) * 1_000 - 1);
      const bucket = host.byIdle[IDLE_BUCKETS.indexOf(name)];
      if (bucket !== undefined) count(bucket, sample.label(OUTCOME) === 'failed', requests);
    }
  }
}

/** `socket.reused` is false on them, too: they wanted a new connection. */
const UNCONNECTED: ReadonlySet<FailureCause> = new Set<FailureCause>([
  'not_listening',
  'unreachable',
  'name_not_resolved',
  'connect_timeout',
]);

function addFailures(collection: Collection, sample: Sample): void {
  const failures = sample.value;
  if (failures <= 0) return;
  const host = collection.hostOf(hostOf(sample));
  const [kind, reused] = [sample.label(KIND), sample.label(REUSED)];
  const cause = FAILURE_CAUSES.find((each) => each === sample.label(CAUSE));
  collection.failures += failures;
  host.all.failures += failures;
  // A failure before there was a connection is no request on one.
  if (cause !== undefined && UNCONNECTED.has(cause)) addRequests(collection, sample, failures);
  else if (reused === 'true') host.reused.failures += failures;
  else if (reused === 'false') host.fresh.failures += failures;
  else addRequests(collection, sample, failures);
  countCause(host, cause, undefined, failures);
  if (FAILURE_KINDS.some((each) => each === kind) && ENDINGS.has(kind ?? '')) host.endedByPeer += failures;
  if (cause !== undefined && isAvoidable({ cause })) collection.avoidable += failures;
}

function addNearMisses(collection: Collection, sample: Sample): void {
  if (sample.value <= 0) return;
  collection.hostOf(hostOf(sample)).nearMisses += sample.value;
  collection.timeoutsOf(serviceOf(sample), hostOf(sample)).nearMisses += sample.value;
}

function addTimeout(collection: Collection, sample: Sample, whose: 'client' | 'announced' | 'observed'): void {
  const timeouts = collection.timeoutsOf(serviceOf(sample), hostOf(sample));
  timeouts[whose] = widened(timeouts[whose], Math.round(sample.value * 1_000));
}
