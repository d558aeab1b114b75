import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import http, { type Agent } from 'node:http';
import https from 'node:https';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { SpanKind } from '@opentelemetry/api';
import { socketFailureOf } from '../src/index';
import { closedPort } from './client-cases';
import type { Peer } from './peer';
import { clientSpan, type EndedSpan, spansOf } from './sdk';
import { COPIES, type Undici } from './undici-clients';
import { startPeer } from './verdict';

// ES modules, which Node 20.19 and up can require.
const { HttpProxyAgent } = require('http-proxy-agent');
const { HttpsProxyAgent } = require('https-proxy-agent');
const { SocksProxyAgent } = require('socks-proxy-agent');

const ports = { open: 0, denying: 0, socks: 0, closed: 0 };
let stop: () => void;

before(async () => {
  const proxies = fork(path.join(__dirname, 'fixtures/proxies.js'));
  const [told] = (await once(proxies, 'message')) as [number[]];
  [ports.open = 0, ports.denying = 0, ports.socks = 0] = told;
  ports.closed = await closedPort();
  stop = () => proxies.disconnect();
});
after(() => stop());

type Which = keyof typeof ports;

/** Requests through one proxy; rejects with what the library throws. */
interface Way {
  readonly name: string;
  readonly proxy: 'open' | 'socks';
  /** The tunnel ends at the origin; without one the proxy answers itself. */
  readonly tunnel: boolean;
  readonly secure: boolean;
  via(proxy: Which): { get(url: string, timeoutMs?: number): Promise<unknown>; close(): unknown };
}

function agentWay(agent: Agent): ReturnType<Way['via']> {
  const get = (url: string, timeoutMs?: number) =>
    new Promise((resolve, reject) => {
      const send = url.startsWith('https') ? https.get : http.get;
      const request = send(url, { agent, rejectUnauthorized: false }, (response) => {
        response.on('end', resolve).on('error', reject).resume();
      });
      request.on('error', reject);
      if (timeoutMs !== undefined) request.setTimeout(timeoutMs, () => request.destroy());
    });
  return { get, close: () => agent.destroy() };
}

const url = (proxy: Which, scheme = 'http') => `${scheme}://127.0.0.1:${ports[proxy]}`;
const keep = { keepAlive: true };

const WAYS: readonly Way[] = [
  {
    name: 'http-proxy-agent',
    proxy: 'open',
    tunnel: false,
    secure: false,
    via: (proxy) => agentWay(new HttpProxyAgent(url(proxy), keep)),
  },
  {
    name: 'https-proxy-agent',
    proxy: 'open',
    tunnel: true,
    secure: true,
    via: (proxy) => agentWay(new HttpsProxyAgent(url(proxy), keep)),
  },
  {
    name: 'socks-proxy-agent',
    proxy: 'socks',
    tunnel: true,
    secure: false,
    via: (proxy) => agentWay(new SocksProxyAgent(url(proxy, 'socks5'), keep)),
  },
  ...COPIES.flatMap((copy) =>
    [false, true].map((secure) => ({
      name: `ProxyAgent of ${copy}, ${secure ? 'https' : 'http'}`,
      proxy: 'open' as const,
      tunnel: true,
      secure,
      via: (proxy: Which) => {
        const { ProxyAgent, request }: Undici = require(copy);
        const dispatcher = new ProxyAgent({ uri: url(proxy), proxyTunnel: true });
        const get = async (target: string, timeoutMs?: number) => {
          const signal = timeoutMs === undefined ? {} : { signal: AbortSignal.timeout(timeoutMs) };
          await (await request(target, { dispatcher, ...signal })).body.text();
        };
        return { get, close: () => dispatcher.destroy() };
      },
    })),
  ),
];

const urlOf = ({ port, secure }: Peer, target: string) => `${secure ? 'https' : 'http'}://127.0.0.1:${port}${target}`;

/** The span of one request that may fail, and the error that the program gets. */
async function outcome(send: () => Promise<unknown>): Promise<{ verdict: Record<string, unknown>; span: EndedSpan }> {
  let thrown: unknown;
  const span = await clientSpan(() =>
    send().catch((error: unknown) => {
      thrown = error;
    }),
  );
  const told = Object.entries(span.attributes).filter(([key]) =>
    /failure\.(kind|phase|cause|initiator|sent)$/.test(key),
  );
  const verdict = Object.fromEntries(told.map(([key, value]) => [key.replace('socket.failure.', ''), value]));
  if (thrown !== undefined) assert.equal(socketFailureOf(thrown)?.kind, verdict.kind);
  return { verdict, span };
}

for (const { name, proxy, tunnel, secure, via } of WAYS) {
  test(`${name}: two requests share a connection; the peer is the proxy, the server is the origin`, async () => {
    const peer = await startPeer({ secure });
    const { get, close } = via(proxy);
    const spans = await spansOf(SpanKind.CLIENT, 2, async () => {
      await get(urlOf(peer, '/ok'));
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
      await get(urlOf(peer, '/ok'));
    });
    const [first, second] = spans.map(({ attributes }) => attributes);
    assert.equal(first?.['socket.reuse_count'], 0);
    assert.equal(second?.['socket.reuse_count'], 1);
    assert.equal(second?.['socket.id'], first?.['socket.id']);
    assert.equal(first?.['server.port'], peer.port);
    await close();
  });

  test(`${name}: ${tunnel ? 'the origin goes away behind the proxy' : 'the proxy answers for an origin that goes away'}`, async () => {
    const peer = await startPeer({ secure });
    const { get, close } = via(proxy);
    await get(urlOf(peer, '/ok'));
    const { verdict, span } = await outcome(() => get(urlOf(peer, '/drop-fin?100')));
    const cut = { kind: 'closed', phase: 'wait', cause: 'peer_restart', initiator: 'remote', sent: 'full' };
    assert.deepEqual(verdict, tunnel ? cut : {});
    if (!tunnel) assert.equal(span.attributes['http.response.status_code'], 502);
    else assert.equal(span.attributes['network.peer.port'], ports[proxy]);
    await close();
  });

  test(`${name}: a timeout of the program`, async () => {
    const peer = await startPeer({ secure });
    const { get, close } = via(proxy);
    const { verdict } = await outcome(() => get(urlOf(peer, '/hang'), 150));
    const expected = {
      kind: 'local_timeout',
      phase: 'wait',
      cause: 'client_timeout',
      initiator: 'local',
      sent: 'full',
    };
    assert.deepEqual(verdict, expected);
    await close();
  });

  test(`${name}: the proxy refuses the connection`, async () => {
    const peer = await startPeer({ secure });
    const { get, close } = via('closed');
    const { verdict } = await outcome(() => get(urlOf(peer, '/ok')));
    const refused = { kind: 'refused', phase: 'connect', cause: 'not_listening', initiator: 'remote', sent: 'none' };
    // A SOCKS client's error has no code: all that it tells is that the proxy made no tunnel.
    const untold = { kind: 'other', phase: 'proxy', cause: 'unknown', initiator: 'remote', sent: 'none' };
    assert.deepEqual(verdict, proxy === 'socks' ? untold : refused);
    await close();
  });

  if (!tunnel) continue;

  test(`${name}: a tunnel that the proxy denies`, async () => {
    const { get, close } = via(proxy === 'socks' ? 'socks' : 'denying');
    const scheme = secure ? 'https' : 'http';
    const { verdict, span } = await outcome(() => get(`${scheme}://127.0.0.1:${ports.closed}/ok`));
    assert.deepEqual(verdict, { kind: 'other', phase: 'proxy', cause: 'unknown', initiator: 'remote', sent: 'none' });
    assert.equal(span.attributes['socket.id'], undefined);
    await close();
  });
}
