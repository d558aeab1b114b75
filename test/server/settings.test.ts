import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { connectionAttributes } from '../../src/report/attributes';
import type { ReadableSpan } from '../../src/report/span';
import { instrument } from '../support/facts/facts-setup';
import { GET, serverSpans } from './setup';

instrument();

/** Settings of a server, and what its spans tell. */
const TIMEOUTS: readonly (readonly [setting: number, told: number | undefined])[] = [
  [5_000, 5_000],
  [0, 0],
  [5_000.4, 5_000],
  // Not "none", which 0 would say.
  [0.2, undefined],
  [-1, undefined],
  [Number.NaN, undefined],
];

for (const [setting, told] of TIMEOUTS) {
  test(`a keepAliveTimeout of ${setting} is reported as ${told ?? 'nothing'}`, async () => {
    const server = http.createServer((_, response) => response.end('ok'));
    server.keepAliveTimeout = setting;
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const socket = net.connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.on('error', () => undefined).resume();
    const [span] = await serverSpans(1, () => socket.write(GET));
    assert.equal(span?.attributes['socket.server_timeout_ms'], told);
    socket.destroy();
    server.closeAllConnections();
    server.close();
  });
}

test('a number that is not whole, or not from 0 to 2^53, is no attribute', () => {
  const odd = { id: 1, idleMs: -1, ageMs: 1.5, queueMs: Number.NaN, dnsMs: 1e300, connectMs: Number.POSITIVE_INFINITY };
  const attributes = connectionAttributes(odd as never, false, {} as ReadableSpan);
  assert.deepEqual(attributes, { 'socket.id': 1 });
});
