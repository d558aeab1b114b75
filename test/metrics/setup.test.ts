import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import http from 'node:http';
import path from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { DiagLogLevel, diag, type MeterProvider, metrics } from '@opentelemetry/api';
import { SocketInstrumentation } from '../../src/index';
import { type Series, TestMeter, total } from '../support/metric-reader';
import { exchange, type Peer, startPeer } from '../support/peer';
import { root } from '../support/root';

const complaints: unknown[] = [];
const complain = (...args: unknown[]) => complaints.push(args);
diag.setLogger(
  { error: complain, warn: complain, info: () => undefined, debug: () => undefined, verbose: () => undefined },
  DiagLogLevel.WARN,
);

const instrumentation = new SocketInstrumentation({ enabled: false });
let peer: Peer;
let agent: http.Agent;
before(async () => {
  peer = await startPeer();
});
beforeEach(() => {
  metrics.disable();
  agent = new http.Agent({ keepAlive: true });
  complaints.length = 0;
});
after(() => peer.stop());

const get = (target = '/ok') => exchange(peer, target, { agent });
/** Requests that were dropped, by the counter of failures. */
const failed = (series: readonly Series[]) => total(series, 'socket.failures');

test('a MeterProvider that replaces another goes on with the counts, and the old one is not asked any more', async () => {
  instrumentation.enable();
  const [first, second] = [new TestMeter(), new TestMeter()];
  first.setGlobal();
  await get('/drop-fin');
  assert.equal(failed(await first.series(peer.port)), 1);
  second.setGlobal();
  await get('/drop-fin');
  await get();
  await get();
  assert.equal(failed(await second.series(peer.port)), 2);
  assert.equal(total(await second.series(peer.port), 'socket.idle'), 1);
  const old = await first.series(peer.port);
  assert.deepEqual([failed(old), total(old, 'socket.idle')], [1, 0], 'as it was');
  agent.destroy();
  instrumentation.disable();
});

test('a MeterProvider that was shut down causes no error, and the next one has all counts', async () => {
  instrumentation.enable();
  const [first, second] = [new TestMeter(), new TestMeter()];
  first.setGlobal();
  await get();
  const before = failed(await first.series(peer.port));
  await first.provider.shutdown();
  await get();
  await get('/drop-fin');
  second.setGlobal();
  await get();
  await get();
  assert.equal(failed(await second.series(peer.port)), before + 1);
  await second.provider.shutdown();
  await get();
  agent.destroy();
  instrumentation.disable();
  assert.deepEqual(complaints, []);
});

test('one that is given and was shut down makes room for the global one', async () => {
  instrumentation.enable();
  const [given, global] = [new TestMeter(), new TestMeter()];
  await given.provider.shutdown();
  global.setGlobal();
  instrumentation.setMeterProvider(given.provider);
  await get();
  await get();
  assert.equal(total(await global.series(peer.port), 'socket.idle'), 1);
  agent.destroy();
  instrumentation.disable();
});

test('a MeterProvider that does nothing, of another copy of the API and by another name, is none', async () => {
  const api = require.resolve('@opentelemetry/api');
  const cached = Object.entries(require.cache).filter(([file]) => file.startsWith(path.dirname(api)));
  for (const [file] of cached) delete require.cache[file];
  const other: typeof import('@opentelemetry/api') = require('@opentelemetry/api');
  for (const [file, module] of cached) require.cache[file] = module;
  const noop = other.metrics.getMeterProvider();
  assert.notEqual(noop, metrics.getMeterProvider());
  // As a minifier would name it.
  const renamed: MeterProvider = { getMeter: (...args) => noop.getMeter(...args) };
  for (const provider of [noop, renamed]) {
    const meter = new TestMeter();
    instrumentation.enable();
    instrumentation.setMeterProvider(provider);
    await get();
    meter.setGlobal();
    await get();
    assert.equal(total(await meter.series(peer.port), 'socket.idle'), 1);
    agent.destroy();
    instrumentation.disable();
    metrics.disable();
  }
});

const REGISTER = 'opentelemetry-instrumentation-socket/register';
const SDK = path.join(__dirname, 'fixtures/metrics-sdk.js');
const APP = path.join(__dirname, 'fixtures/metrics-app.js');
const CONFIG = path.join(root, 'test/environments/fixtures/otel.yaml');

for (const [how, file] of [
  ['by code', ''],
  ['by OTEL_CONFIG_FILE', CONFIG],
]) {
  for (const [order, ...preloads] of [
    ['the SDK first', SDK, REGISTER],
    ['the SDK last', REGISTER, SDK],
  ]) {
    for (const flag of ['--require', '--import']) {
      test(`${flag} …/register beside an SDK that is set up ${how}, ${order}: metrics arrive`, () => {
        const args = [...preloads.flatMap((preload) => [flag, preload]), APP];
        const env = { ...process.env, OTEL_CONFIG_FILE: file, NODE_OPTIONS: '' };
        const options = { cwd: root, env, encoding: 'utf8', timeout: 30_000 } as const;
        const { stdout, stderr } = spawnSync(process.execPath, args, options);
        const found = [...stdout.matchAll(/name: '((?:http|socket)\.[\w.]+)'/g)].map(([, name]) => name);
        assert.deepEqual([...new Set(found)].sort(), [
          'http.client.connection.duration',
          'http.client.open_connections',
          'socket.client_timeout',
          'socket.closes',
          'socket.connection.requests',
          'socket.failures',
          'socket.idle',
          'socket.near_misses',
          'socket.peer_timeout',
        ]);
        assert.equal(stderr, '');
      });
    }
  }
}
