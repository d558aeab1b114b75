import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { test } from 'node:test';
import { closedPort } from '../../support/fresh-port';
import { clientSpan } from '../../support/sdk';
import { HAS_PROXY_ENV } from '../proxy-ways';
import { COPIES, type Undici } from '../undici-clients';
import { ORIGIN, startProxy, told } from './cut-tunnel';

// ES modules, which Node 20.19 and up can require.
const { HttpProxyAgent } = require('http-proxy-agent');
const { HttpsProxyAgent } = require('https-proxy-agent');

/** One request to the origin by the proxy at this URL. */
const SENDS: Readonly<Record<string, (proxy: string) => Promise<unknown>>> = {
  ...(HAS_PROXY_ENV && {
    "Node's own proxy support": (proxy: string) => {
      const agent = new https.Agent({ proxyEnv: { HTTPS_PROXY: proxy } } as https.AgentOptions);
      return once(https.request(ORIGIN, { method: 'POST', agent }).end('order'), 'response');
    },
  }),
  'https-proxy-agent': (proxy) => {
    const agent = new HttpsProxyAgent(proxy);
    return once(https.request(ORIGIN, { method: 'POST', agent }).end('order'), 'response');
  },
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

test('the certificate of a TLS proxy is not that of an http: origin', async () => {
  const { uri } = await startProxy((client) => client.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  const agent = new HttpProxyAgent(uri.replace('http://127.0.0.1', 'https://localhost'));
  const { attributes } = await clientSpan(() =>
    assert.rejects(once(http.get('http://origin.invalid/', { agent }), 'response')),
  );
  const why = String(attributes['socket.failure.explanation']);
  assert.match(why, /^The TLS handshake with a TLS peer on the way to origin\.invalid:80 failed \(/);
});

/** Agents that have a connection only after 100 ms. */
const SLOW: Readonly<Record<string, readonly [phase: string, agent: (proxy: string) => https.Agent]>> = {
  'https-proxy-agent': ['proxy', (proxy) => new HttpsProxyAgent(proxy)],
  'an agent of the program': [
    'connect',
    (proxy) => {
      const agent = new https.Agent();
      agent.createConnection = (_, done) => {
        setTimeout(() => done?.(null, net.connect(Number(new URL(proxy).port), '127.0.0.1')), 100);
        return undefined;
      };
      return agent;
    },
  ],
};

for (const [name, [phase, agentOf]] of Object.entries(SLOW)) {
  test(`${name}: a deadline while it connects did not pass in a queue`, async () => {
    const { uri } = await startProxy((client) => setTimeout(() => client.write('HTTP/1.1 200 OK\r\n\r\n'), 100));
    const options = { method: 'POST', agent: agentOf(uri), signal: AbortSignal.timeout(30) };
    const { attributes } = await clientSpan(() =>
      assert.rejects(once(https.request(ORIGIN, options).end('order'), 'response')),
    );
    assert.equal(told(attributes), `local_timeout ${phase} client_timeout certain local none`);
  });
}

for (const [name, send] of Object.entries(SENDS)) {
  test(`${name}: the proxy that resets a CONNECT is not the origin`, async () => {
    const { uri } = await startProxy((client) => client.resetAndDestroy());
    const { attributes } = await clientSpan(() => assert.rejects(send(uri)));
    const why = String(attributes['socket.failure.explanation']);
    assert.equal(told(attributes), 'reset proxy unknown possible remote none', why);
    assert.match(why, /^The proxy did not open a tunnel to origin\.invalid:443 \(/);
  });

  test(`${name}: the proxy with which the TLS handshake fails is not the origin`, async () => {
    const { uri } = await startProxy((client) => client.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const { attributes } = await clientSpan(() =>
      assert.rejects(send(uri.replace('http://127.0.0.1', 'https://localhost'))),
    );
    const why = String(attributes['socket.failure.explanation']);
    assert.match(told(attributes), /^tls proxy tls_failed certain (remote|unknown) none$/, why);
    assert.match(why, /^The TLS handshake with the proxy for origin\.invalid:443 failed \(/);
  });

  test(`${name}: the proxy that is down is not the origin`, async () => {
    const { attributes } = await clientSpan(async () => assert.rejects(send(`http://localhost:${await closedPort()}`)));
    assert.equal(told(attributes), 'refused connect not_listening likely remote none');
    const why = String(attributes['socket.failure.explanation']);
    assert.match(why, /^(localhost|127\.0\.0\.1|\[::1\]):\d+, asked for origin\.invalid:443, refused the connection/);
  });

  test(`${name}: the proxy whose name is not resolved is not the origin`, async () => {
    const { attributes } = await clientSpan(() => assert.rejects(send('http://proxy.invalid:3128')));
    const why = String(attributes['socket.failure.explanation']);
    assert.equal(attributes['socket.failure.cause'], 'name_not_resolved', why);
    assert.match(why, /^The name proxy\.invalid, asked for origin\.invalid:443, (was not found|could not be resolved)/);
  });
}
