import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { type DiagLogger, diag, type Span } from '@opentelemetry/api';
import { Connection } from '../../src/connection/connection';
import { Exchange } from '../../src/connection/exchange';
import { KeptLog } from '../../src/kept-log';
import type { Origin } from '../../src/peer/origin';
import { Origins } from '../../src/peer/origins';
import { MetricReporter } from '../../src/report/metrics';
import { CombinedReporter } from '../../src/report/report';
import { SpanReporter } from '../../src/report/span-reporter';
import { Tallies } from '../../src/report/tally';
import type { ReportedFailure } from '../../src/verdict/failure';
import { TestMeter, total } from '../support/metric-reader';

const PLACES = 10;
const quiet = () => undefined;
const SILENT: DiagLogger = { error: quiet, warn: quiet, info: quiet, debug: quiet, verbose: quiet };
let origins: Origins;
let metrics: MetricReporter;
let meter: TestMeter;
beforeEach(() => {
  origins = new Origins();
  meter = new TestMeter();
  meter.setGlobal();
  const fault = (error: unknown) => {
    throw error;
  };
  metrics = new MetricReporter({ tallies: new Tallies(), open: new Set() }, () => PLACES, fault);
});

/** A request that came no further than `phase`: there is no connection. */
function failBefore(phase: 'dns' | 'connect', origin: Origin): void {
  const exchange = new Exchange('client', 'GET', 0);
  exchange.origin = origin;
  const failure =
    phase === 'dns' ? { kind: 'dns', cause: 'name_not_resolved' } : { kind: 'refused', cause: 'not_listening' };
  metrics.failed(exchange, { ...failure, phase } as ReportedFailure);
}

/** The second request on a connection. */
function reuse(origin: Origin, span?: Span): Exchange {
  const connection = new Connection(1, 0);
  connection.origin = origin;
  connection.connected(0);
  connection.wrote();
  connection.release(10, 10);
  const exchange = new Exchange('client', 'GET', 1_000);
  exchange.span = span;
  exchange.acquire(connection, 1_000, 1_000);
  return exchange;
}

const named = (host: string) => ({ 'server.address': host });

test('names that never resolve take no place: an origin that is connected to later has one, and nothing is lost', async () => {
  for (let i = 0; i < 3 * PLACES; i += 1) failBefore('dns', origins.of('http:', `scan${i}.invalid`, 80));
  for (let i = 0; i < PLACES; i += 1) metrics.succeeded(reuse(origins.of('http:', `real${i}`, 80)));
  const series = await meter.all();
  for (let i = 0; i < PLACES; i += 1) assert.equal(total(series, 'socket.idle', named(`real${i}`)), 1);
  assert.equal(total(series, 'socket.failures', named('_OTHER')), 3 * PLACES);
});

test('origins where nobody answers take at most half of the places', async () => {
  for (let i = 0; i < 3 * PLACES; i += 1) failBefore('connect', origins.of('http:', `down${i}`, 80));
  for (let i = 0; i < PLACES / 2; i += 1) metrics.succeeded(reuse(origins.of('http:', `real${i}`, 80)));
  const series = await meter.all();
  const hosts = new Set(series.map(({ attributes }) => attributes['server.address']));
  assert.equal(hosts.size, PLACES + 1);
  assert.equal(total(series, 'socket.failures', named('down0')), 1, 'one that is down from the start has its name');
  assert.equal(total(series, 'socket.idle', named(`real${PLACES / 2 - 1}`)), 1);
  assert.equal(total(series, 'socket.failures'), 3 * PLACES);
});

test('an origin that has a place keeps it when its name does not resolve any more', async () => {
  const origin = origins.of('http:', 'known', 80);
  metrics.succeeded(reuse(origin));
  failBefore('dns', origin);
  failBefore('dns', new Origins().of('http:', 'known', 80));
  assert.equal(total(await meter.all(), 'socket.failures', named('known')), 2);
});

test('a name that did not resolve has a place of its own once there is a connection', async () => {
  const origin = origins.of('http:', 'late', 80);
  failBefore('dns', origin);
  metrics.succeeded(reuse(origin));
  failBefore('dns', origin);
  const series = await meter.all();
  assert.equal(total(series, 'socket.failures', named('late')), 1);
  assert.equal(total(series, 'socket.failures', named('_OTHER')), 1);
});

const fails = () => {
  throw new Error('span');
};
const HOSTILE = {
  isRecording: () => true,
  setStatus: () => undefined,
  setAttribute: fails,
  setAttributes: fails,
} as unknown as Span;

for (const [what, span, failureHook] of [
  ['a span that throws', HOSTILE, undefined],
  [
    'a failureHook that throws',
    { ...HOSTILE, setAttribute: () => undefined, setAttributes: () => undefined } as unknown as Span,
    () => {
      throw new Error('hook');
    },
  ],
] as const) {
  test(`${what} costs no metric, throws nothing, and is said once`, async () => {
    const said: unknown[] = [];
    diag.setLogger({ ...SILENT, error: (...words) => said.push(words) }, { suppressOverrideMessage: true });
    const config = failureHook === undefined ? {} : { failureHook };
    const report = new CombinedReporter(new SpanReporter(() => config, new KeptLog(diag)), metrics);
    const origin = origins.of('http:', 'a', 80);
    for (let i = 0; i < 3; i += 1) report.succeeded(reuse(origin, span));
    for (let i = 0; i < 3; i += 1)
      report.failed(reuse(origin, span), { kind: 'closed', cause: 'stale_keepalive' } as ReportedFailure);
    const series = await meter.all();
    assert.equal(total(series, 'socket.idle'), 6);
    assert.equal(total(series, 'socket.failures'), 3);
    assert.equal(said.length, 1);
  });
}

test('a meter that throws keeps nothing from the span, and throws nothing', () => {
  const set: string[] = [];
  const span = {
    ...HOSTILE,
    setAttribute: (name: string) => set.push(name),
    setAttributes: (attributes: object) => set.push(...Object.keys(attributes)),
  } as unknown as Span;
  const failing = new Proxy(metrics, {
    get() {
      throw new Error('meter');
    },
  });
  diag.setLogger(SILENT, { suppressOverrideMessage: true });
  const report = new CombinedReporter(new SpanReporter(() => ({}), new KeptLog(diag)), failing);
  const exchange = reuse(origins.of('http:', 'a', 80), span);
  report.succeeded(exchange);
  report.failed(exchange, { kind: 'closed', cause: 'stale_keepalive' } as ReportedFailure);
  const connection = exchange.connection;
  assert.ok(connection);
  assert.equal(report.opened(connection), false);
  report.closed(connection, true);
  for (const name of ['socket.id', 'socket.failure.kind']) assert.equal(set.filter((one) => one === name).length, 1);
});
