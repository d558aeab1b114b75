import assert from 'node:assert/strict';
import { once } from 'node:events';
import http2, { type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { after, test } from 'node:test';
import { SpanKind } from '@opentelemetry/api';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { SocketInstrumentation, socketFailureOf } from '../../src/index';
import { socketAttributes } from '../support/facts/facts-server';
import { tlsFixture } from '../support/root';
import { clientSpan, type EndedSpan, spansOf, startSdk } from '../support/sdk';
import { COPIES, type Options } from '../support/undici-copies';
import { targetOf } from '../support/undici-witness';

process.removeAllListeners('warning');
startSdk();
new SocketInstrumentation({ detail: 'full' });
new UndiciInstrumentation();

/** An HTTP/2 server that holds its answers back until `count` requests are there, and remembers who asked. */
async function startServer() {
  const seen = new Map<string, number | undefined>();
  const waiting: ServerHttp2Stream[] = [];
  const sockets = new Set<Socket>();
  let expected = 1;
  const server = http2.createSecureServer({
    key: tlsFixture('key.pem'),
    cert: tlsFixture('cert.pem'),
  });
  server.on('secureConnection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('stream', (stream, { ':path': target = '' }) => {
    stream.on('error', () => undefined);
    seen.set(target, stream.session?.socket.remotePort);
    waiting.push(stream);
    if (waiting.length < expected) return;
    for (const one of waiting.splice(0)) {
      if (target === '/cut') continue;
      one.respond({ ':status': 200 });
      one.end('ok');
    }
    if (target === '/cut') for (const socket of sockets) socket.destroy();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stop = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  after(stop);
  const expect = (count: number) => {
    expected = count;
  };
  return { url, seen, expect, stop };
}

/** What only the writer of a stream can know. */
function knowsNothingOfBytes({ attributes }: EndedSpan): void {
  assert.equal(attributes['socket.failure.sent'], undefined);
  assert.equal(attributes['socket.client_timeout_ms'], undefined);
}

for (const { name, copy } of COPIES) {
  const open = async () => {
    const server = await startServer();
    const dispatcher = new copy.Agent({ allowH2: true, connect: { rejectUnauthorized: false }, pipelining: 10 });
    const send = async (target: string, options: Options = {}) => {
      await (await copy.request(server.url + target, { dispatcher, ...options })).body.text();
    };
    return { server, dispatcher, send };
  };

  // undici 6 does not say on which connection it writes a stream.
  const tells = name !== 'undici6';

  test(`${name}: requests one after the other over HTTP/2 count, or have no facts at all`, async () => {
    const { server, dispatcher, send } = await open();
    for (const [i, target] of ['/1', '/2'].entries()) {
      const span = await clientSpan(() => send(target));
      assert.equal(span.attributes['socket.reuse_count'], tells ? i : undefined);
      assert.equal(span.attributes['network.local.port'], tells ? server.seen.get(target) : undefined);
      if (!tells) assert.deepEqual(socketAttributes(span), {});
      knowsNothingOfBytes(span);
    }
    void dispatcher.destroy();
  });

  test(`${name}: a POST that was cut over HTTP/2 is never said to be unsent, nor safe to repeat`, async () => {
    const { server, dispatcher, send } = await open();
    const errors: unknown[] = [];
    const post = (target: string) => send(target, { method: 'POST', body: 'x' }).catch((error) => errors.push(error));
    await send('/first');
    const span = await clientSpan(() => post('/cut'));
    assert.ok(server.seen.has('/cut'));
    assert.equal(span.attributes['socket.failure.retry_safe'], false);
    knowsNothingOfBytes(span);
    assert.equal(socketFailureOf(errors[0])?.kind, span.attributes['socket.failure.kind']);
    assert.notEqual(span.attributes['socket.failure.phase'], 'queue');
    if (!tells) assert.equal(span.attributes['socket.failure.kind'], 'closed');
    void dispatcher.destroy();
  });

  test(`${name}: a POST that was cut on a fresh HTTP/2 connection is never called unsent`, async () => {
    const { dispatcher, send } = await open();
    const span = await clientSpan(() => send('/cut', { method: 'POST', body: 'x' }).catch(() => undefined));
    assert.equal(span.attributes['socket.failure.retry_safe'], false);
    knowsNothingOfBytes(span);
    void dispatcher.destroy();
  });

  test(`${name}: nor is one that was aborted while the server worked on it`, async () => {
    const { server, dispatcher, send } = await open();
    server.expect(2);
    const controller = new AbortController();
    const span = await clientSpan(async () => {
      const options = { method: 'POST', body: 'x', signal: controller.signal };
      const sent = assert.rejects(send('/never', options));
      while (!server.seen.has('/never')) await new Promise(setImmediate);
      controller.abort();
      await sent;
    });
    assert.equal(span.attributes['socket.failure.kind'], 'local_abort');
    assert.equal(span.attributes['socket.failure.retry_safe'], false);
    knowsNothingOfBytes(span);
    void dispatcher.destroy();
  });

  test(`${name}: once nobody listens any more, nothing was sent: no stream was open in the life of the request`, async () => {
    const { server, dispatcher, send } = await open();
    await send('/first');
    void dispatcher.destroy();
    server.stop();
    const fresh = new copy.Agent({ allowH2: true, connect: { rejectUnauthorized: false } });
    const span = await clientSpan(() =>
      assert.rejects(send('/refused', { dispatcher: fresh, method: 'POST', body: 'x' })),
    );
    assert.equal(span.attributes['socket.failure.kind'], 'refused');
    assert.equal(span.attributes['socket.failure.sent'], 'none');
    assert.equal(span.attributes['socket.failure.retry_safe'], true);
    void fresh.destroy();
  });

  // Several requests at once: undici 6 throws an assertion of its own, with or without us.
  if (!tells) continue;
  test(`${name}: several requests at once share a connection; what cannot be known there is absent`, async () => {
    const { server, dispatcher, send } = await open();
    await send('/first');
    server.expect(4);
    const targets = ['/1', '/2', '/3', '/4'];
    const spans = await spansOf(SpanKind.CLIENT, 4, () => Promise.all(targets.map((target) => send(target))));
    assert.equal(new Set(spans.map((span) => span.attributes['socket.id'])).size, 1);
    const inOrder = targets.map((target) => spans.find((span) => targetOf(span) === target));
    assert.deepEqual(
      inOrder.map((span) => span?.attributes['socket.reuse_count']),
      [1, 2, 3, 4],
    );
    for (const span of spans.slice(1)) assert.equal(span.attributes['socket.idle_ms'], undefined);
    for (const span of spans) {
      assert.equal(span.attributes['network.local.port'], server.seen.get(targetOf(span)));
      knowsNothingOfBytes(span);
    }
    void dispatcher.destroy();
  });
}
