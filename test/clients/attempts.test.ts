import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { SpanKind } from '@opentelemetry/api';
import axios from 'axios';
import { spansOf } from '../support/sdk';
import './undici-clients';
import '../support/verdict';

const { http: following } = require('follow-redirects');
let origin = '';
// Not instrumented: it was loaded before.
const server = http.createServer((request, response) => {
  if (request.url === '/hop') response.writeHead(302, { location: '/' }).end();
  else if (request.url === '/busy') response.writeHead(503).end();
  else response.end('ok');
});

before(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
after(() => agent.destroy());

for (const [name, get] of [
  ['axios', () => axios.get(`${origin}/hop`, { httpAgent: agent, proxy: false })],
  [
    'follow-redirects',
    async () => once((await once(following.get(`${origin}/hop`, { agent }), 'response'))[0].resume(), 'end'),
  ],
] as const) {
  test(`${name}: each hop of a redirect has a span and facts of its own`, async () => {
    const spans = await spansOf(SpanKind.CLIENT, 2, get);
    assert.equal(spans.length, 2);
    const [hop, target] = spans.map(({ attributes }) => attributes);
    assert.equal(hop?.['http.response.status_code'], 302);
    assert.equal(target?.['http.response.status_code'], 200);
    // Both libraries throw the connection of a redirect away.
    assert.equal(target?.['socket.reuse_count'], 0);
    assert.notEqual(target?.['socket.id'], hop?.['socket.id']);
  });
}

test('got: each attempt of its retries has a span and facts of its own', async () => {
  const { default: got } = await import('got');
  const retry = { limit: 2, calculateDelay: ({ computedValue }: { computedValue: number }) => (computedValue ? 1 : 0) };
  const options = { retry, agent: { http: agent } };
  const spans = await spansOf(SpanKind.CLIENT, 3, () => got(`${origin}/busy`, options).catch(() => undefined));
  const told = spans.map(({ attributes: all }) => [
    all['http.response.status_code'],
    Number(all['socket.reuse_count']),
  ]);
  const from = told[0]?.[1] as number;
  assert.deepEqual(told, [
    [503, from],
    [503, from + 1],
    [503, from + 2],
  ]);
});
