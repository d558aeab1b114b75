import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { SocketInstrumentation } from '../../src/index';
import { type Peer, startPeer } from '../support/peer';
import { clientSpan, type EndedSpan, startSdk } from '../support/sdk';
import { CLIENTS, COPIES } from '../support/undici-copies';

startSdk();
const failures: unknown[] = [];
new SocketInstrumentation({ detail: 'full', failureHook: (_, failure) => failures.push(failure) });
new UndiciInstrumentation();

let peer: Peer;
let url: string;
const server = http.createServer((request, response) => {
  request.resume();
  if (request.url === '/hints') {
    response.writeEarlyHints({ link: '</style.css>; rel=preload' });
    response.writeProcessing();
  }
  if (request.url === '/moved') {
    response.writeHead(302, { location: '/', 'content-length': 1_000_000 }).write('x'.repeat(1_000));
    return;
  }
  if (request.url === '/close') response.setHeader('connection', 'close');
  const size = request.url === '/empty' ? 0 : 2;
  request.on('end', () =>
    setTimeout(() => response.writeHead(200, { 'content-length': size }).end('ok'.slice(0, size)), 10),
  );
});

before(async () => {
  peer = await startPeer();
  server.keepAliveTimeout = 0;
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(async () => {
  server.closeAllConnections();
  server.close();
  await peer.stop();
});

function isHealthy(span: EndedSpan, status: number): void {
  assert.equal(span.attributes['http.response.status_code'], status);
  assert.equal(span.attributes['socket.failure.kind'], undefined);
  assert.equal(typeof span.attributes['socket.id'], 'number');
  assert.deepEqual(failures.splice(0), []);
}

/** The connection is back in the pool, or gone. */
const settled = () => new Promise(setImmediate);

for (const { name, send } of CLIENTS) {
  test(`${name}: a 413 that comes before the upload has ended is no failure`, async () => {
    const body = Buffer.alloc(4_000_000);
    const span = await clientSpan(() => send(`http://127.0.0.1:${peer.port}/early-413`, { method: 'POST', body }));
    isHealthy(span, 413);
    assert.equal(span.attributes['socket.client_timeout_ms'], undefined);
  });

  test(`${name}: 103 and 102 before the response are not the response`, async () => {
    const span = await clientSpan(() => send(`${url}/hints`));
    isHealthy(span, 200);
    await settled();
    const next = await clientSpan(() => send(`${url}/`));
    isHealthy(next, 200);
    assert.equal(next.attributes['socket.id'], span.attributes['socket.id']);
  });

  test(`${name}: a response without a body counts like any other`, async () => {
    const head = await clientSpan(() => send(`${url}/`, { method: 'HEAD' }));
    isHealthy(head, 200);
    await settled();
    const empty = await clientSpan(() => send(`${url}/empty`));
    isHealthy(empty, 200);
  });

  test(`${name}: Connection: close ends the connection after the response, which is no failure and has no idle timeout`, async () => {
    const span = await clientSpan(() => send(`${url}/close`));
    isHealthy(span, 200);
    assert.equal(span.attributes['socket.client_timeout_ms'], undefined);
    await settled();
    const next = await clientSpan(() => send(`${url}/`));
    isHealthy(next, 200);
    assert.notEqual(next.attributes['socket.id'], span.attributes['socket.id']);
  });
}

for (const { name, copy } of COPIES) {
  test(`${name}: an answer that refuses an upgrade is no failure, although undici rejects it`, async () => {
    const dispatcher = new copy.Agent();
    const span = await clientSpan(() => copy.upgrade(`${url}/`, { dispatcher }).catch(() => undefined));
    isHealthy(span, 200);
    await dispatcher.destroy();
  });

  test(`${name}: the body of a redirect that is thrown away is no failure`, async () => {
    const dispatcher = new copy.Agent();
    const span = await clientSpan(async () => {
      const { body } = await copy.request(`${url}/moved`, { dispatcher });
      (body as unknown as Readable).on('error', () => undefined).destroy();
    });
    isHealthy(span, 302);
    await dispatcher.destroy();
  });

  test(`${name}: a Date that a test library fakes makes no idle age of years, here or on the server`, async () => {
    const dispatcher = new copy.Agent();
    const { now } = Date;
    const spans: EndedSpan[] = [];
    for (const fakeMs of [undefined, 0, undefined, 4_000_000_000_000, undefined]) {
      Date.now = fakeMs === undefined ? now : () => fakeMs;
      spans.push(await clientSpan(async () => (await copy.request(`${url}/`, { dispatcher })).body.text()));
      await settled();
    }
    Date.now = now;
    for (const { attributes } of spans.slice(1))
      assert.ok(Number(attributes['socket.idle_ms']) < 60_000, String(attributes['socket.idle_ms']));
    await dispatcher.destroy();
  });
}
