import * as conventions from '../../conventions';
import * as names from '../../semconv';
import type { Collection } from '../collect/collection';
import { widened } from '../collect/timeouts';
import { plural } from '../wording';
import type { Api } from './api';
import { ADDRESS, CAUSE, hostOf, KIND, label, MetricCounts, OUTCOME, PORT, REUSED, serviceOf } from './metric-counts';
import { named, query, type Sample } from './prometheus-api';

const HOST = `job, ${ADDRESS}, ${PORT}`;
/** How long before the period a series is looked for: hardly any pause in scraping is longer. */
const BEFORE = '6h';
const SOURCE = label(names.ATTR_SOCKET_PEER_TIMEOUT_SOURCE);

/** Reads the metrics of the period that ends at `toMs`. */
export async function readPrometheus(
  api: Api,
  collection: Collection,
  fromMs: number,
  toMs: number,
): Promise<readonly string[]> {
  const seconds = `${Math.max(1, Math.round((toMs - fromMs) / 1_000))}s`;
  const ask = async (expression: string) =>
    (await query(api, expression, toMs)).filter((sample) => collection.isWanted(serviceOf(sample)));
  // A series that is newer than the period begins with its first value, which `increase` misses. One that was there
  // before is not newer, although nothing was scraped for a while.
  const before = `[${BEFORE}] offset ${seconds}`;
  const increases = (by: string, metric: string) =>
    ask(
      `round(sum by (${by}) ((${metric} unless last_over_time(${metric}${before})) or increase(${metric}[${seconds}])))`,
    );
  const closed = named(conventions.METRIC_HTTP_CLIENT_CONNECTION_DURATION, 'seconds', '_count');
  const fresh = await increases(HOST, closed);
  const idle = named(names.METRIC_SOCKET_IDLE, 'seconds', '_bucket');
  const reused = await increases(`${HOST}, ${OUTCOME}, le`, idle);
  const failed = named(names.METRIC_SOCKET_FAILURES, '', '_total');
  const failures = await increases(`${HOST}, ${KIND}, ${CAUSE}, ${REUSED}`, failed);
  const misses = await increases(HOST, named(names.METRIC_SOCKET_NEAR_MISSES, '', '_total'));
  // A process that has ended since has no current value.
  const last = (metric: string) => `last_over_time(${metric}[${seconds}])`;
  const clients = last(named(names.METRIC_SOCKET_CLIENT_TIMEOUT, 'seconds'));
  // 0 is none, the longest of all.
  const client = [...(await ask(`min by (${HOST}) (${clients})`)), ...(await ask(`max by (${HOST}) (${clients})`))];
  const peer = await ask(
    `min by (${HOST}, ${SOURCE}) (${last(named(names.METRIC_SOCKET_PEER_TIMEOUT, 'seconds'))} > 0)`,
  );
  // Only when all is there: failures without their requests would be worse than nothing.
  collection.fromMs = Math.min(collection.fromMs, fromMs);
  collection.toMs = Math.max(collection.toMs, toMs);
  const counts = new MetricCounts(collection);
  for (const sample of fresh) counts.addFresh(sample);
  counts.addReused(reused);
  for (const sample of failures) counts.addFailures(sample);
  counts.finish();
  for (const sample of misses) addNearMisses(collection, sample);
  for (const sample of client) addTimeout(collection, sample, 'client');
  for (const sample of peer)
    addTimeout(collection, sample, sample.label(SOURCE) === 'observed' ? 'observed' : 'announced');
  return counts.unplaced === 0 ? NOTES : [...NOTES, unplacedNote(counts.unplaced)];
}

const NOTES = [
  'Prometheus knows no retry safety, no confidence and no single failures: "avoidable" counts only what a setting avoids, and there is no code to paste and no retry policy to judge',
  'Prometheus knows no moments finer than a scrape: incidents are not looked for',
  'The metric of idle ages counts a truncated response as answered, so the failures by idle age add up to fewer than the total beside them',
  'Requests on fresh connections are counted by connections that were closed in the period, so that rates of fresh ones are only about right',
];

function unplacedNote(failures: number): string {
  return `Whether ${plural(failures, 'failure')} came before there was a connection is not known here: up to so many requests are counted twice, and section 2 says how many may have been on a connection`;
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
