import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net, { type Socket } from 'node:net';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SpanKind } from '@opentelemetry/api';
import { socketFailureOf } from '../../../src/index';
import { listen } from '../../support/fresh-port';
import { clientSpan, spansOf } from '../../support/sdk';
import { send, startPeer } from '../../support/verdict';
import { HAS_PROXY_ENV, WAYS } from '../proxy-ways';
import { COPIES, type Undici } from '../undici-clients';

const ORIGIN = 'https://origin.invalid/';

/** What a proxy does to a connection on which it has read a CONNECT. */
const ENDS: Readonly<Record<string, readonly [kind: string, end: (client: Socket) => void]>> = {
  'resets the connection': ['reset', (client) => client.resetAndDestroy()],
  'answers no HTTP': ['protocol', (client) => client.write('nonsense\r\n\r\n')],
};

/** `end` gets how often the client has sent something by then. */
async function startProxy(end: (client: Socket, count: number) => void) {
  const asked: string[] = [];
  const open = new Set<Socket>();
  const proxy = net.createServer((client) => {
    open.add(client.on('error', () => undefined));
    let count = 0;
    client.on('data', (data) => {
      asked.push(String(data).split(' ')[0] ?? '');
      count += 1;
      end(client, count);
    });
  });
  after(() => {
    for (const client of open) client.destroy();
    proxy.close();
  });
  return { uri: `http://127.0.0.1:${await listen(proxy)}`, asked };
}

/** The verdict as one line. */
function told(attributes: Record<string, unknown>): string {
  const keys = ['kind', 'phase', 'cause', 'confidence', 'initiator', 'sent'];
  return keys.map((key) => attributes[`socket.failure.${key}`]).join(' ');
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
        const expected = `${kind} proxy unknown possible remote none`;
        assert.equal(told(attributes), expected, String(attributes['socket.failure.explanation']));
        assert.equal(attributes['socket.reuse_count'], undefined);
        const { phase, retrySafe } = socketFailureOf(error) ?? {};
        assert.deepEqual([phase, retrySafe], ['proxy', true], 'the verdict of the CONNECT');
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
    'closed tls tls_failed likely remote none',
    (client, count) => (count === 1 ? client.write(FOUND) : client.end()),
  ],
  'resets the TLS handshake': [
    'reset tls tls_failed likely remote none',
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
    assert.deepEqual([phase, retrySafe], ['proxy', true], 'the verdict of the CONNECT');
  });

/** One request to the origin by the proxy at this URL. */
const SENDS: Readonly<Record<string, (proxy: string) => Promise<unknown>>> = {
  ...(HAS_PROXY_ENV && {
    "Node's own proxy support": (proxy: string) => {
      const agent = new https.Agent({ proxyEnv: { HTTPS_PROXY: proxy } } as https.AgentOptions);
      return once(https.request(ORIGIN, { method: 'POST', agent }).end('order'), 'response');
    },
  }),
  ...Object.fromEntries(
    COPIES.map((copy) => [
      copy,
      async (proxy: string) => {
        const { ProxyAgent, request }: Undici = require(copy);
        const dispatcher = new ProxyAgent({ uri: proxy });
        await request(ORIGIN, { method: 'POST', body: 'order', dispatcher }).finally(() => dispatcher.destroy());
      },
    ]),
  ),
};

for (const [name, send] of Object.entries(SENDS)) {
  test(`${name}: the proxy with which the TLS handshake fails is not the origin`, async () => {
    const { uri } = await startProxy((client) => client.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const { attributes } = await clientSpan(() =>
      assert.rejects(send(uri.replace('http://127.0.0.1', 'https://localhost'))),
    );
    const why = String(attributes['socket.failure.explanation']);
    assert.equal(told(attributes), 'tls proxy tls_failed certain remote none', why);
    assert.match(why, /^The TLS handshake with the proxy for origin\.invalid:443 failed \(/);
  });

  test(`${name}: the proxy whose name is not resolved is not the origin`, async () => {
    const { attributes } = await clientSpan(() => assert.rejects(send('http://proxy.invalid:3128')));
    const why = String(attributes['socket.failure.explanation']);
    assert.equal(attributes['socket.failure.cause'], 'name_not_resolved', why);
    assert.match(
      why,
      /^The name proxy\.invalid, asked for origin\.invalid:443, (does not exist|could not be resolved)/,
    );
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
