import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { type AggregationOption, AggregationTemporality, AggregationType } from '@opentelemetry/sdk-metrics';
import { SocketInstrumentation } from '../../src/index';
import { type Series, TestMeter, TestReader, total } from '../support/metric-reader';
import { exchange, type Peer, startPeer } from '../support/peer';

const instrumentation = new SocketInstrumentation();
let peer: Peer;
let quiet: Peer;
before(async () => {
  peer = await startPeer();
  quiet = await startPeer({ hint: 'Keep-Alive: timeout=30\r\n' });
});
after(async () => {
  instrumentation.disable();
  await Promise.all([peer.stop(), quiet.stop()]);
});

const key = ({ name, attributes }: Series) => `${name} ${JSON.stringify(Object.entries(attributes).sort())}`;
const isGauge = ({ name }: Series) => name.endsWith('_timeout');
const amount = ({ value, count }: Series) => (Number.isNaN(value) ? count : value);

/** What a backend that adds up differences has. */
class Sums {
  readonly #sums = new Map<string, number>();

  add(series: readonly Series[]): void {
    for (const one of series) this.#sums.set(key(one), (this.#sums.get(key(one)) ?? 0) + amount(one));
  }

  get all(): Record<string, number> {
    return Object.fromEntries([...this.#sums].sort());
  }
}

test('two readers, one of sums and one of differences, asked in any order: the differences add up to the sums', async () => {
  const differences = new TestReader(AggregationTemporality.DELTA);
  const meter = new TestMeter({ readers: [differences] });
  meter.setGlobal();
  const agent = new http.Agent({ keepAlive: true });
  const sums = new Sums();
  const steps = ['/ok', '/ok', '/drop-fin', '/ok', '/cut-fin', '/drop-rst', '/ok', '/ok', '/not-pooled', '/ok'];
  for (const [i, target] of [...steps, ...steps].entries()) {
    await Promise.all([exchange(peer, target, { agent }), exchange(peer, '/ok', { agent })]);
    if (i % 2 === 0) await meter.all();
    if (i % 3 === 0) sums.add((await differences.all()).filter((one) => !isGauge(one)));
    if (i % 5 === 0) await Promise.all([meter.all(), meter.all()]);
  }
  agent.destroy();
  sums.add((await differences.all()).filter((one) => !isGauge(one)));
  const expected = new Sums();
  const cumulative = await meter.all();
  expected.add(cumulative.filter((one) => !isGauge(one)));
  assert.deepEqual(sums.all, expected.all);
  assert.equal(total(cumulative, 'socket.failures'), 6);
  assert.equal(total(cumulative, 'http.client.open_connections'), 0);
});

test('each reader gets every gauge, and a collection changes nothing for the next', async () => {
  const other = new TestReader();
  const meter = new TestMeter({ readers: [other] });
  meter.setGlobal();
  const agent = new http.Agent({ keepAlive: true, timeout: 20_000 });
  await exchange(quiet, '/ok', { agent });
  await exchange(quiet, '/ok', { agent });
  const first = await meter.series(quiet.port);
  assert.deepEqual(await meter.series(quiet.port), first);
  assert.deepEqual(await other.series(quiet.port), first);
  const gauges = first.filter(isGauge).map(({ name, value }) => [name, value]);
  assert.deepEqual(gauges.sort(), [
    ['socket.client_timeout', 20],
    ['socket.peer_timeout', 30],
  ]);
  assert.equal(total(first, 'http.client.open_connections', { 'http.connection.state': 'idle' }), 1);
  agent.destroy();
});

test('a View decides on edges and on the kind of histogram', async () => {
  const explicit: AggregationOption = {
    type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM,
    options: { boundaries: [1, 60] },
  };
  const exponential: AggregationOption = { type: AggregationType.EXPONENTIAL_HISTOGRAM };
  const meter = new TestMeter({
    views: [
      { instrumentName: 'socket.idle', aggregation: explicit },
      { instrumentName: 'socket.connection.requests', aggregation: exponential },
    ],
  });
  meter.setGlobal();
  const agent = new http.Agent({ keepAlive: true });
  for (let i = 0; i < 3; i += 1) await exchange(peer, '/ok', { agent });
  agent.destroy();
  const series = await meter.all();
  const of = (name: string) => series.find((one) => one.name === name);
  assert.deepEqual(of('socket.idle')?.edges, [1, 60]);
  const requests = of('socket.connection.requests');
  assert.deepEqual([requests?.edges, requests?.count, requests?.sum], [[], 1, 3]);
});

test('a MeterProvider that is registered after the API has lost what was registered gets what follows', async () => {
  const agent = new http.Agent({ keepAlive: true });
  new TestMeter().setGlobal();
  await exchange(peer, '/ok', { agent });
  await exchange(peer, '/ok', { agent });
  Reflect.deleteProperty(globalThis, Symbol.for('opentelemetry.js.api.1'));
  const meter = new TestMeter();
  meter.setGlobal();
  await exchange(peer, '/ok', { agent });
  await exchange(peer, '/ok', { agent });
  agent.destroy();
  assert.equal(total(await meter.all(), 'socket.idle'), 2);
});
