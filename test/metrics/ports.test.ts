import assert from 'node:assert/strict';
import type { RequestOptions } from 'node:http';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { instrument } from '../support/facts-setup';
import { TestMeter } from '../support/metric-reader';
import { exchange, type Peer, startPeer } from '../support/peer';
import { clientSpan } from '../support/sdk';

instrument();
const meter = new TestMeter();
meter.setGlobal();
let peer: Peer;
before(async () => {
  peer = await startPeer();
});
after(() => peer.stop());

/** Without an agent, as clients of WebSockets do it, and with a Host header that names a virtual host. */
const byHand = (): RequestOptions => ({
  headers: { Host: 'virtual.example' },
  createConnection: () => net.connect(peer.port, '127.0.0.1'),
});

for (const target of ['/ok', '/drop-fin']) {
  test(`without an agent, and with a Host header of the program's, the metrics of ${target} have the port of the span`, async () => {
    const span = await clientSpan(() => exchange(peer, target, byHand()));
    assert.equal(span.attributes['server.port'], peer.port);
    const series = (await meter.all()).filter(
      ({ name }) => name.startsWith('socket.') || name.startsWith('http.client.'),
    );
    assert.ok(series.length > 0);
    assert.deepEqual([...new Set(series.map(({ attributes }) => attributes['server.port']))], [peer.port]);
    const { 'socket.failure.explanation': explanation } = span.attributes;
    if (explanation !== undefined)
      assert.ok(String(explanation).includes(`127.0.0.1:${peer.port}`), String(explanation));
  });
}
