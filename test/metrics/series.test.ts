import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Connection } from '../../src/connection/connection';
import { Exchange } from '../../src/connection/exchange';
import type { Origin } from '../../src/peer/origin';
import { Origins } from '../../src/peer/origins';
import { MetricReporter } from '../../src/report/metrics';
import { Tallies } from '../../src/report/tally';
import {
  FAILURE_CAUSES as CAUSES,
  type FailureCause,
  type FailureKind,
  FAILURE_KINDS as KINDS,
  type ReportedFailure,
} from '../../src/verdict/failure';
import { table, textOf } from '../docs/pages';
import { type Series, TestMeter, total } from '../support/metric-reader';

const page = textOf('docs/metrics.md').replace(/\s+/g, ' ');
const INITIATORS = ['remote', 'local', 'unknown'] as const;
/** What the SDK keeps of one instrument, the series for what is beyond included. */
const SDK_LIMIT = 2_000;

let counted: { readonly tallies: Tallies; readonly open: Set<Connection> };
let origins: Origins;
let id = 0;
beforeEach(() => {
  counted = { tallies: new Tallies(), open: new Set() };
  origins = new Origins();
});

function startReporter(maxOrigins: number): MetricReporter {
  return new MetricReporter(
    counted,
    () => maxOrigins,
    (error) => {
      throw error;
    },
  );
}

/** A connection that was used once, and the exchange that uses it again. */
function reuse(origin: Origin): { readonly connection: Connection; readonly exchange: Exchange } {
  const connection = new Connection(id++, 0);
  connection.origin = origin;
  connection.connected(0);
  connection.wrote();
  connection.clientTimeoutMs = 4_000;
  connection.release(10, 10);
  const exchange = new Exchange('client', 'GET', 1_000);
  exchange.acquire(connection, 1_000, 1_000);
  return { connection, exchange };
}

function fail(reporter: MetricReporter, exchange: Exchange, kind: FailureKind, cause: FailureCause): void {
  const failure = { kind, cause } as ReportedFailure;
  reporter.failed(exchange, failure);
}

/** All that can happen to an origin. */
function everything(reporter: MetricReporter, origin: Origin): void {
  origin.announced(5_000);
  for (const atMs of [10_000, 20_000]) {
    origin.closedIdle({ atMs, idleMs: 4_500, lateMs: 0, ageMs: atMs - 1_000, uses: atMs });
  }
  reporter.succeeded(reuse(origin).exchange);
  for (const kind of KINDS) {
    for (const cause of CAUSES) {
      fail(reporter, reuse(origin).exchange, kind, cause);
      const fresh = new Exchange('client', 'GET', 0);
      fresh.origin = origin;
      fail(reporter, fresh, kind, cause);
    }
  }
  for (const wasIdle of [true, false]) {
    for (const initiator of INITIATORS) {
      const { connection } = reuse(origin);
      connection.close({ atMs: 2_000, initiator, how: 'program' });
      reporter.closed(connection, wasIdle);
    }
  }
}

const hostOf = ({ attributes }: Series) => attributes['server.address'];
const uncancelled = KINDS.filter((kind) => kind !== 'local_abort').length;
const FAILURES = uncancelled * CAUSES.length * 2;

function countBy(series: readonly Series[], key: (one: Series) => unknown): Map<unknown, number> {
  const counts = new Map<unknown, number>();
  for (const one of series) counts.set(key(one), (counts.get(key(one)) ?? 0) + 1);
  return counts;
}

/** Time series of Prometheus: a histogram's buckets, its sum and its count. */
const inPrometheus = ({ edges }: Series) => (edges.length === 0 ? 1 : edges.length + 3);

test('an origin to which everything happened has the series that docs/metrics.md says', async () => {
  const meter = new TestMeter();
  meter.setGlobal();
  everything(startReporter(100), origins.of('http:', 'a', 80));
  const series = await meter.all();
  const perMetric = countBy(series, ({ name }) => name);
  const prometheus = (name: unknown) =>
    series.filter((one) => one.name === name).reduce((sum, one) => sum + inPrometheus(one), 0);
  const rows = [...perMetric].map(([name, count]) => [`\`${name}\``, String(count), String(prometheus(name))]);
  const written = table('docs/metrics.md', 'Metrics', 'metric').map((row) => [row[0], ...row.slice(3)]);
  assert.deepEqual(written.sort(), rows.sort());
  const sum = series.reduce((all, one) => all + inPrometheus(one), 0);
  assert.ok(page.includes(`at most: ${series.length}, in Prometheus ${sum}.`), `${series.length}, ${sum}`);
});

test('150 origins to which everything happened stay below what an SDK keeps, and nothing is lost', async () => {
  const meter = new TestMeter();
  meter.setGlobal();
  const reporter = startReporter(100);
  for (let i = 0; i < 150; i += 1) everything(reporter, origins.of('http:', `host${i}`, 80));
  const series = await meter.all();
  for (const [name, count] of countBy(series, (one) => one.name))
    assert.ok(count < SDK_LIMIT - 50, `${name}: ${count}`);
  assert.ok(series.every(({ attributes }) => attributes['otel.metric.overflow'] === undefined));
  const hosts = countBy(series, hostOf);
  assert.equal(hosts.size, 101);
  const [own = 0, shared = 0] = [hosts.get('host99'), hosts.get('_OTHER')];
  assert.equal(hosts.get('host100'), undefined, 'first come, first served');
  assert.equal(series.length, 100 * own + shared);
  assert.ok(page.includes(`at most ${series.length} series`), String(series.length));
  assert.ok(page.includes(`${countBy(series, ({ name }) => name).get('socket.failures')} of one instrument`));
  assert.equal(total(series, 'socket.failures'), 150 * FAILURES);
  assert.equal(total(series, 'socket.failures', { 'server.address': '_OTHER' }), 50 * FAILURES);
  assert.equal(total(series, 'socket.closes', { 'server.address': '_OTHER' }), 50 * 6);
  assert.equal(total(series, 'socket.idle', { 'server.address': '_OTHER', 'socket.outcome': 'ok' }), 50);
});

test('origins that are never evicted here keep their series when the learning about them is forgotten', async () => {
  const meter = new TestMeter();
  meter.setGlobal();
  const reporter = startReporter(100);
  const first = origins.of('http:', 'first', 80);
  fail(reporter, reuse(first).exchange, 'closed', 'stale_keepalive');
  for (let i = 0; i < 1_000; i += 1)
    fail(reporter, reuse(origins.of('http:', `host${i}`, 80)).exchange, 'dns', 'unknown');
  const again = origins.of('http:', 'first', 80);
  assert.notEqual(again, first, 'forgotten');
  fail(reporter, reuse(again).exchange, 'closed', 'stale_keepalive');
  const series = await meter.all();
  assert.equal(total(series, 'socket.failures', { 'server.address': 'first' }), 2);
  assert.equal(total(series, 'socket.failures'), 1_002);
});

test('with more origins than docs/metrics.md says, the SDK drops series, unless a View allows more', async () => {
  const most = Number(/more than (\d+) origins need/.exec(page)?.[1]);
  const views = [{ instrumentName: 'socket.failures', aggregationCardinalityLimit: 20_000 }];
  for (const [maxOrigins, meter, isCut] of [
    [most, new TestMeter(), false],
    [most + 1, new TestMeter(), true],
    [1_000, new TestMeter({ views }), false],
  ] as const) {
    counted = { tallies: new Tallies(), open: new Set() };
    meter.setGlobal();
    const reporter = startReporter(maxOrigins);
    for (let i = 0; i <= maxOrigins; i += 1) {
      const origin = new Origins().of('http:', `host${i}`, 80);
      for (const kind of KINDS) for (const cause of CAUSES) fail(reporter, reuse(origin).exchange, kind, cause);
    }
    const failures = (await meter.all()).filter(({ name }) => name === 'socket.failures');
    const overflow = failures.some(({ attributes }) => attributes['otel.metric.overflow'] === true);
    assert.equal(overflow, isCut, `${maxOrigins} origins, ${failures.length} series`);
  }
});
