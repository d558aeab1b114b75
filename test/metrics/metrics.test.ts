import assert from 'node:assert/strict';
import { once } from 'node:events';
import http, { type RequestOptions } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { context, type MeterProvider, metrics } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { SocketInstrumentation } from '../../src/index';
import { TestMeter, total } from '../support/metric-reader';
import { exchange } from '../support/peer';
import { startSdk } from '../support/sdk';

startSdk();
const agent = new http.Agent({ keepAlive: true });
const servers: http.Server[] = [];
const meter = new TestMeter();

async function startServer(headers: Record<string, string> = {}) {
  const server = http.createServer((_, response) => response.writeHead(200, headers).end('ok'));
  server.keepAliveTimeout = 0;
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const get = (options: RequestOptions = {}) => exchange({ port, secure: false }, '/', { agent, ...options });
  return { port, get };
}

after(() => {
  agent.destroy();
  for (const server of servers) server.close();
});

const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

test('metrics: false creates no instrument', async () => {
  const made: unknown[] = [];
  const provider = {
    getMeter: () => new Proxy({}, { get: (_, name) => () => made.push(name) }),
  } as unknown as MeterProvider;
  const instrumentation = new SocketInstrumentation({ metrics: false });
  instrumentation.setMeterProvider(provider);
  const { get } = await startServer();
  await get({ agent: false });
  instrumentation.disable();
  assert.deepEqual(made, []);
});

test('what happened before the MeterProvider was set is counted, and every series begins at 0', async () => {
  const instrumentation = new SocketInstrumentation();
  instrumentation.setMeterProvider(metrics.getMeterProvider());
  const { port, get } = await startServer();
  const timersBefore = timers();
  await get({ agent: false });
  await get();
  meter.setGlobal();
  await get();
  assert.equal(timers(), timersBefore);
  const series = await meter.series(port);
  const shapes = new Map<string, number>();
  for (const { name, unit } of series) shapes.set(`${name} ${unit}`, (shapes.get(`${name} ${unit}`) ?? 0) + 1);
  assert.deepEqual(Object.fromEntries(shapes), {
    'http.client.open_connections {connection}': 2,
    'socket.closes {connection}': 6,
    'socket.failures {failure}': 16,
    'socket.near_misses {request}': 1,
    'socket.client_timeout s': 1,
    'socket.idle s': 1,
  });
  assert.equal(total(series, 'socket.closes', { 'http.connection.state': 'active' }), 1);
  assert.equal(total(series, 'http.client.open_connections', { 'http.connection.state': 'idle' }), 1);
  assert.equal(total(series, 'http.client.open_connections', { 'http.connection.state': 'active' }), 0);
  assert.equal(total(series, 'socket.failures'), 0);
  assert.equal(total(series, 'socket.idle', { 'server.address': '127.0.0.1', 'socket.outcome': 'ok' }), 1);
  assert.ok(series.every(({ attributes }) => attributes['server.address'] === '127.0.0.1'));
  instrumentation.disable();
});

test('histograms have the advised edges', async () => {
  const instrumentation = new SocketInstrumentation();
  const { port, get } = await startServer();
  const own = new http.Agent({ keepAlive: true });
  await get({ agent: own });
  await get({ agent: own, headers: { connection: 'close' } });
  own.destroy();
  const series = await meter.series(port);
  const edges = (name: string) => series.find((one) => one.name === name)?.edges.join(' ');
  assert.equal(edges('socket.idle'), '0.5 1 2 4 5 6 10 15 30 60 65 75 120 240 350 600');
  assert.equal(edges('socket.connection.requests'), '1 2 5 10 50 100 500 1000 5000 10000');
  assert.equal(edges('http.client.connection.duration'), '0.01 0.02 0.05 0.1 0.2 0.5 1 2 5 10 30 60 120 300');
  assert.equal(series.find(({ name }) => name === 'socket.connection.requests')?.sum, 2);
  instrumentation.disable();
});

test('a reuse beyond the advised idle timeout is a near miss, and both timeouts are shown in seconds', async () => {
  const instrumentation = new SocketInstrumentation();
  const { port, get } = await startServer({ 'Keep-Alive': 'timeout=2' });
  await get();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_050);
  await get();
  const series = await meter.series(port);
  assert.equal(total(series, 'socket.near_misses'), 1);
  assert.equal(total(series, 'socket.peer_timeout', { 'socket.peer_timeout_source': 'announced' }), 2);
  const limit = series.find(({ name }) => name === 'socket.client_timeout');
  assert.equal(limit?.value, 0, 'none');
  instrumentation.disable();
});

test("requests with suppressed tracing, such as an exporter's, make no series", async () => {
  const instrumentation = new SocketInstrumentation();
  const [exporter, other] = [await startServer(), await startServer()];
  const own = new http.Agent({ keepAlive: true });
  const silently = () => context.with(suppressTracing(context.active()), () => exporter.get({ agent: own }));
  await silently();
  await silently();
  await other.get();
  assert.deepEqual(await meter.series(exporter.port), []);
  own.destroy();
  assert.deepEqual(await meter.series(exporter.port), []);
  instrumentation.disable();
});

test('a MeterProvider that the instrumentation is given is used, and the global one no longer', async () => {
  const instrumentation = new SocketInstrumentation();
  const { port, get } = await startServer();
  await get();
  assert.equal(total(await meter.series(port), 'http.client.open_connections'), 1);
  const given = new TestMeter();
  instrumentation.setMeterProvider(given.provider);
  assert.equal(total(await given.series(port), 'http.client.open_connections'), 1, 'at once');
  await get();
  assert.equal(total(await given.series(port), 'socket.idle'), 1);
  assert.equal(total(await meter.series(port), 'socket.idle'), 0);
  instrumentation.disable();
});

test('two instances count once; counts go on when the second takes over, or the first comes back', async () => {
  const first = new SocketInstrumentation();
  const second = new SocketInstrumentation();
  const { port, get } = await startServer();
  const closed = async () => total(await meter.series(port), 'socket.closes');
  await get();
  await get({ agent: false });
  assert.equal(await closed(), 1);
  first.disable();
  await get({ agent: false });
  assert.equal(await closed(), 2);
  assert.equal(total(await meter.series(port), 'http.client.open_connections'), 1, 'seen by the first');
  second.disable();
  const fresh = new TestMeter();
  fresh.setGlobal();
  assert.deepEqual(await fresh.series(port), [], 'nobody is asked');
  first.enable();
  await get({ agent: false });
  assert.equal(total(await fresh.series(port), 'socket.closes'), 3);
  meter.setGlobal();
  first.disable();
});

test('origins beyond maxOrigins share _OTHER, which has no port and no idle timeouts', async () => {
  const instrumentation = new SocketInstrumentation({ maxOrigins: 1 });
  const [a, b] = [await startServer({ 'Keep-Alive': 'timeout=3' }), await startServer({ 'Keep-Alive': 'timeout=4' })];
  await a.get();
  await a.get();
  await b.get();
  assert.deepEqual([await meter.series(a.port), await meter.series(b.port)], [[], []]);
  const series = await meter.series(undefined);
  assert.ok(series.every(({ attributes }) => attributes['server.address'] === '_OTHER'));
  assert.equal(total(series, 'http.client.open_connections'), 2);
  assert.equal(total(series, 'socket.idle'), 1);
  assert.ok(!series.some(({ name }) => name.endsWith('_timeout')));
  instrumentation.disable();
});
