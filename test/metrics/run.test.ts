import './run/clock';
import '../support/clocks';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SocketInstrumentation } from '../../src/index';
import { TestMeter, total } from '../support/metric-reader';
import { exchange, startPeer } from '../support/peer';
import { reconcile } from './run/play';

const meter = new TestMeter();
meter.setGlobal();
const instrumentation = new SocketInstrumentation();
/** `RECONCILE_SEEDS=1,2,3` plays other runs, all of them at full length. */
const { RECONCILE_SEEDS: chosen } = process.env;
const seeds = (chosen ?? '7').split(',').map(Number);
const requests = chosen === undefined ? 2_000 : 10_000;

for (const seed of seeds) {
  test(`over 10,000 random requests with faults, all counts agree with what the server saw, seed ${seed}`, () =>
    reconcile(meter, instrumentation, { seed, requests: 10_000, only: ['http'] }));

  test(`over ${requests} random requests from all clients to as many servers, some beyond maxOrigins, all counts agree, seed ${seed}`, () =>
    reconcile(meter, instrumentation, { seed, requests, others: 3 }));
}

test('over TLS, a connection counts from the end of its handshake', async () => {
  const peer = await startPeer({ secure: true });
  await exchange(peer, '/ok', { agent: false });
  const strict = { rejectUnauthorized: true };
  await exchange(peer, '/ok', { agent: false, ...strict });
  const series = await meter.series(peer.port);
  await peer.stop();
  assert.equal(total(series, 'socket.closes'), 1);
  assert.equal(total(series, 'http.client.connection.duration'), 1);
  assert.equal(total(series, 'socket.failures', { 'socket.failure.cause': 'tls_failed' }), 1);
  assert.equal(total(series, 'socket.failures'), 1);
});
