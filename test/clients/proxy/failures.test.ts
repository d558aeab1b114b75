import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SpanKind } from '@opentelemetry/api';
import { socketFailureOf } from '../../../src/index';
import { clientSpan, spansOf } from '../../support/sdk';
import { send, startPeer } from '../../support/verdict';
import { HAS_PROXY_ENV, WAYS } from '../proxy-ways';
import { COPIES, type Undici } from '../undici-clients';
import { ORIGIN, startProxy, told } from './cut-tunnel';

/** What a proxy does to a connection on which it has read a CONNECT. */
const ENDS: Readonly<Record<string, readonly [kind: string, end: (client: Socket) => void]>> = {
  'resets the connection': ['reset', (client) => client.resetAndDestroy()],
  'answers no HTTP': ['protocol', (client) => client.write('nonsense\r\n\r\n')],
};

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
        const expected = `${kind} proxy unknown possible remote none`;
        assert.equal(told(attributes), expected, String(attributes['socket.failure.explanation']));
        assert.equal(attributes['socket.reuse_count'], undefined);
        const { phase, retrySafe } = socketFailureOf(error) ?? {};
        // A call that failed on a connection which nobody saw may have been another's.
        assert.deepEqual([phase, retrySafe], ['proxy', kind !== 'reset'], 'the verdict of the CONNECT');
      });
}

/** What Node's own agent says of a proxy that has read a CONNECT, and of the TLS handshake behind its answer. */
const FOUND = 'HTTP/1.1 200 OK\r\n\r\n';
const NODES_ENDS: Readonly<Record<string, readonly [told: string, end: (client: Socket, count: number) => void]>> = {
  'resets the connection': ['reset proxy unknown possible remote none', (client) => client.resetAndDestroy()],
  'ends the connection': ['closed proxy unknown possible remote none', (client) => client.end()],
  'answers no HTTP': ['other proxy unknown possible remote none', (client) => client.write('nonsense\r\n\r\n')],
  'says nothing': ['local_timeout proxy client_timeout certain local none', () => undefined],
  'ends the TLS handshake': [
    'closed tls tls_failed possible remote none',
    (client, count) => (count === 1 ? client.write(FOUND) : client.end()),
  ],
  'resets the TLS handshake': [
    'reset tls tls_failed possible remote none',
    (client, count) => (count === 1 ? client.write(FOUND) : client.resetAndDestroy()),
  ],
};

for (const [what, [expected, end]] of HAS_PROXY_ENV ? Object.entries(NODES_ENDS) : [])
  test(`Node's own proxy support: the proxy ${what}`, async () => {
    const { uri } = await startProxy(end);
    const agent = new https.Agent({ proxyEnv: { HTTPS_PROXY: uri } } as https.AgentOptions);
    let error: unknown;
    const { attributes } = await clientSpan(async () => {
      const request = https.request(ORIGIN, { method: 'POST', agent, timeout: 200 });
      [error] = await once(request.end('order'), 'close').then(
        () => [],
        (e: unknown) => [e],
      );
    });
    agent.destroy();
    assert.equal(told(attributes), expected, String(attributes['socket.failure.explanation']));
    assert.equal(socketFailureOf(error)?.kind, attributes['socket.failure.kind']);
  });

for (const [what, [kind, end]] of Object.entries(ENDS))
  test(`an agent that asks for its tunnel by a request: the proxy ${what}`, async () => {
    const { uri } = await startProxy(end);
    const { hostname, port } = new URL(uri);
    const agent = new https.Agent();
    agent.createConnection = (_, done) => {
      const request = http.request({ method: 'CONNECT', hostname, port, path: 'origin.invalid:443' });
      request.on('error', (error) => done?.(error, undefined as never)).end();
      return undefined;
    };
    let error: unknown;
    const spans = await spansOf(SpanKind.CLIENT, 2, async () => {
      const request = https.request(ORIGIN, { method: 'POST', agent });
      error = await once(request.end('order'), 'response').catch((e: unknown) => e);
    });
    const post = spans.find(({ attributes }) => attributes['http.request.method'] === 'POST')?.attributes ?? {};
    assert.equal(told(post), `${kind} proxy unknown possible remote none`, String(post['socket.failure.explanation']));
    const { phase, retrySafe } = socketFailureOf(error) ?? {};
    // The program handed it in.
    assert.deepEqual([phase, retrySafe], ['proxy', false], 'the verdict of the CONNECT');
  });

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
