import assert from 'node:assert/strict';
import net, { type Socket } from 'node:net';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SpanKind } from '@opentelemetry/api';
import { socketFailureOf } from '../../../src/index';
import { listen } from '../../support/fresh-port';
import { clientSpan, spansOf } from '../../support/sdk';
import { send, startPeer } from '../../support/verdict';
import { WAYS } from '../proxy-ways';
import { COPIES, type Undici } from '../undici-clients';

/** What a proxy does to a connection on which it has read a CONNECT. */
const ENDS: Readonly<Record<string, readonly [kind: string, end: (client: Socket) => void]>> = {
  'resets the connection': ['reset', (client) => client.resetAndDestroy()],
  'answers no HTTP': ['protocol', (client) => client.write('nonsense\r\n\r\n')],
};

async function startProxy(end: (client: Socket) => void) {
  const asked: string[] = [];
  const open = new Set<Socket>();
  const proxy = net.createServer((client) => {
    open.add(client.on('error', () => undefined));
    client.on('data', (data) => {
      asked.push(String(data).split(' ')[0] ?? '');
      end(client);
    });
  });
  after(() => {
    for (const client of open) client.destroy();
    proxy.close();
  });
  return { uri: `http://127.0.0.1:${await listen(proxy)}`, asked };
}

for (const copy of COPIES) {
  const { ProxyAgent, request }: Undici = require(copy);
  for (const scheme of ['http', 'https'])
    for (const [what, [kind, end]] of Object.entries(ENDS))
      test(`${copy}, ${scheme}: no pooled connection fails if the proxy ${what} after a CONNECT`, async () => {
        const { uri, asked } = await startProxy(end);
        const dispatcher = new ProxyAgent({ uri, proxyTunnel: true });
        let error: unknown;
        const { attributes } = await clientSpan(() =>
          request(`${scheme}://origin.invalid/`, { method: 'POST', body: 'order', dispatcher }).catch((e: unknown) => {
            error = e;
          }),
        );
        void dispatcher.destroy();
        assert.deepEqual(asked, ['CONNECT']);
        const told = ['kind', 'phase', 'cause', 'confidence', 'initiator', 'sent'];
        assert.deepEqual(
          told.map((key) => attributes[`socket.failure.${key}`]),
          [kind, 'proxy', 'unknown', 'possible', 'remote', 'none'],
          String(attributes['socket.failure.explanation']),
        );
        assert.equal(attributes['socket.reuse_count'], undefined);
        assert.equal(socketFailureOf(error)?.kind, kind);
      });
}

for (const { name, proxy, secure, via } of WAYS) {
  if (proxy === 'socks') continue;
  test(`${name}: a proxy that is down does not show that its origin went away`, async () => {
    const peer = await startPeer({ secure });
    const { get, close } = via('closed');
    const scheme = secure ? 'https' : 'http';
    const spans = await spansOf(SpanKind.CLIENT, 2, async () => {
      const cut = send(peer, '/drop-fin?150', { method: 'POST' });
      while (peer.requests === 0) await sleep(1);
      await assert.rejects(get(`${scheme}://127.0.0.1:${peer.port}/ok`));
      await cut;
    });
    const cut = spans.find(({ attributes }) => attributes['http.request.method'] === 'POST')?.attributes;
    assert.equal(cut?.['socket.failure.cause'], 'peer_aborted');
    assert.equal(cut?.['socket.failure.confidence'], 'possible');
    await close();
  });
}
