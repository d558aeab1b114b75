import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SocketInstrumentation } from '../src/index';
import { TestMeter, total } from './metric-reader';
import { reconcile } from './metrics-play';
import { exchange, startPeer } from './peer';

const meter = new TestMeter();
meter.setGlobal();
new SocketInstrumentation();
/** `RECONCILE_SEEDS=1,2,3` plays other runs. */
const seeds = (process.env.RECONCILE_SEEDS ?? '7').split(',').map(Number);

for (const seed of seeds) {
  test(`over 10,000 random requests with faults, all counts agree with what the server saw, seed ${seed}`, () =>
    reconcile(meter, { seed, requests: 10_000, secure: false }));

  test(`over 1,000 of them with TLS too, seed ${seed}`, () =>
    reconcile(meter, { seed, requests: 1_000, secure: true }));
}

test('over TLS, a connection counts from the end of its handshake', async () => {
  const peer = await startPeer({ secure: true });
  await exchange(peer, '/ok', { agent: false });
  const strict = { rejectUnauthorized: true };
  await exchange(peer, '/ok', { agent: false, ...strict });
  const series = await meter.series(peer.port);
  assert.equal(total(series, 'socket.closes'), 1);
  assert.equal(total(series, 'http.client.connection.duration'), 1);
  assert.equal(total(series, 'socket.failures', { 'socket.failure.cause': 'tls_failed' }), 1);
  assert.equal(total(series, 'socket.failures'), 1);
  await peer.stop();
});
