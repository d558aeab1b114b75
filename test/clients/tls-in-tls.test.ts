import assert from 'node:assert/strict';
import { once } from 'node:events';
import https from 'node:https';
import net, { type AddressInfo, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { tlsFixture } from '../support/root';
import { doesNotFail, type Expected, fails, send, startPeer } from '../support/verdict';

// ES modules, which Node 20.19 and up can require.
const { HttpsProxyAgent } = require('https-proxy-agent');

/** A CONNECT proxy that clients reach over TLS: the tunnel's TLS runs inside another TLS session. */
const proxy = https.createServer({ key: tlsFixture('key.pem'), cert: tlsFixture('cert.pem') });
proxy.on('connect', (request: { url?: string }, client: Socket) => {
  const origin = net.connect(Number(request.url?.split(':')[1]), '127.0.0.1', () => {
    client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    client.pipe(origin).pipe(client);
  });
  for (const [one, other] of [
    [client, origin],
    [origin, client],
  ] as const)
    one.on('error', () => other.destroy()).on('close', () => other.destroy());
});
before(() => once(proxy.listen(0, '127.0.0.1'), 'listening'));
after(() => proxy.close());

const agent = () =>
  new HttpsProxyAgent(`https://127.0.0.1:${(proxy.address() as AddressInfo).port}`, {
    keepAlive: true,
    rejectUnauthorized: false,
  });

test('a connection through a proxy over TLS is a connection', async () => {
  const peer = await startPeer({ secure: true });
  const one = agent();
  const first = await doesNotFail(() => send(peer, '/ok', { agent: one }));
  const second = await doesNotFail(() => send(peer, '/ok', { agent: one }));
  assert.ok(Number(first.attributes['socket.id']) > 0);
  assert.equal(second.attributes['socket.id'], first.attributes['socket.id']);
  assert.equal(second.attributes['socket.reuse_count'], 1);
  one.destroy();
});

test('an answer of the origin, through a proxy over TLS, is no refusal of the proxy', async () => {
  const peer = await startPeer({ secure: true });
  const one = agent();
  const span = await doesNotFail(() => send(peer, '/not-found', { agent: one, method: 'POST' }));
  assert.equal(span.attributes['http.response.status_code'], 404);
  one.destroy();
});

test('a POST that is dropped behind a proxy over TLS was sent', async () => {
  const peer = await startPeer({ secure: true });
  const one = agent();
  const expected: Expected = {
    kind: 'closed',
    phase: 'wait',
    cause: 'peer_aborted',
    confidence: 'possible',
    initiator: 'remote',
    sent: 'full',
    retrySafe: false,
  };
  await fails(expected, () => send(peer, '/drop-fin?60', { agent: one, method: 'POST' }));
  one.destroy();
});
