import assert from 'node:assert/strict';
import http2, { type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { after, test } from 'node:test';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { SocketInstrumentation } from '../../src/index';
import { listen } from '../support/fresh-port';
import { TestMeter, total } from '../support/metric-reader';
import { tlsFixture } from '../support/root';
import { clientSpan, startSdk } from '../support/sdk';
import { COPIES, type Options } from '../support/undici-copies';

process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
process.removeAllListeners('warning');
startSdk();
const meter = new TestMeter();
meter.setGlobal();
let hook: () => void = () => undefined;
new SocketInstrumentation({ detail: 'full', failureHook: () => hook() });
new UndiciInstrumentation();

const { NGHTTP2_REFUSED_STREAM, NGHTTP2_INTERNAL_ERROR } = http2.constants;

/** How a stream ends, by its path; else it is answered. */
const ENDS: Readonly<Record<string, (stream: ServerHttp2Stream) => void>> = {
  '/never': () => undefined,
  '/refused': (stream) => stream.close(NGHTTP2_REFUSED_STREAM),
  '/error': (stream) => stream.close(NGHTTP2_INTERNAL_ERROR),
  // Says that the last stream was not processed, and goes away.
  '/unseen': ({ session, id = 1 }) => {
    session?.goaway(0, Math.max(0, id - 2));
    setTimeout(() => session?.destroy(), 30);
  },
};

async function startServer() {
  const sessions = new Set<ServerHttp2Session>();
  const sockets = new Set<Socket>();
  const arrived = new Map<string, () => void>();
  const server = http2.createSecureServer({ key: tlsFixture('key.pem'), cert: tlsFixture('cert.pem') });
  server.on('sessionError', () => undefined);
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => undefined);
  });
  server.on('secureConnection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  server.on('stream', (stream, { ':path': target = '' }) => {
    stream.on('error', () => undefined);
    arrived.get(target)?.();
    const end = ENDS[target];
    if (end !== undefined) return end(stream);
    stream.respond({ ':status': 200 });
    stream.end('ok');
  });
  const port = await listen(server);
  after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const arrival = (target: string) => new Promise<void>((resolve) => arrived.set(target, resolve));
  return { url: `https://127.0.0.1:${port}`, port, sessions, arrival };
}

async function statesAt(port: number): Promise<{ idle: number; active: number }> {
  const series = await meter.series(port);
  const of = (state: string) => total(series, 'http.client.open_connections', { 'http.connection.state': state });
  return { idle: of('idle'), active: of('active') };
}

/** Waits until the connection can tell an idle age from none. */
const pause = () => new Promise((resolve) => setTimeout(resolve, 30));

const IDLE = { idle: 1, active: 0 };

// undici 6 does not say on which connection it writes a stream.
for (const { name, copy } of COPIES.filter((one) => one.name !== 'undici6')) {
  const open = async () => {
    const server = await startServer();
    const options = { allowH2: true, connections: 1, pipelining: 100, connect: { rejectUnauthorized: false } };
    const dispatcher = new copy.Agent(options);
    const send = async (target: string, more: Options = {}) => {
      await (await copy.request(server.url + target, { dispatcher, ...more })).body.text();
    };
    return { ...server, dispatcher, send };
  };

  test(`${name}: an HTTP/2 connection is idle when no stream is open, and its next request tells for how long it was`, async () => {
    const { send, port, sessions, dispatcher, arrival } = await open();
    for (let i = 0; i < 3; i += 1) {
      const { attributes } = await clientSpan(() => send('/ok'));
      assert.equal(attributes['socket.reused'], i > 0);
      assert.equal(attributes['socket.idle_ms'] !== undefined, i > 0);
      if (i > 0) assert.ok(Number(attributes['socket.idle_ms']) >= 25, String(attributes['socket.idle_ms']));
      assert.deepEqual(await statesAt(port), IDLE);
      await pause();
    }
    const controller = new AbortController();
    const came = arrival('/never');
    const aborted = clientSpan(() => assert.rejects(send('/never', { signal: controller.signal })));
    await came;
    assert.deepEqual(await statesAt(port), { idle: 0, active: 1 });
    controller.abort();
    await aborted;
    assert.deepEqual(await statesAt(port), IDLE);
    await pause();
    const { attributes } = await clientSpan(() => send('/ok'));
    assert.ok(Number(attributes['socket.idle_ms']) >= 25, 'also after a stream that was aborted');
    assert.equal(sessions.size, 1);
    void dispatcher.destroy();
  });

  test(`${name}: a failureHook that throws leaves no failed stream on a live HTTP/2 connection`, async () => {
    const { send, port, dispatcher } = await open();
    await send('/ok');
    hook = () => {
      throw new Error('of the hook');
    };
    for (let i = 0; i < 3; i += 1) await assert.rejects(send('/error'));
    hook = () => undefined;
    assert.deepEqual(await statesAt(port), IDLE);
    assert.equal(total(await meter.series(port), 'socket.failures'), 3);
    void dispatcher.destroy();
  });

  test(`${name}: a peer that closes its session has ended an idle HTTP/2 connection`, async () => {
    const { send, port, sessions, dispatcher } = await open();
    await send('/ok');
    for (const session of sessions) session.close();
    const closes = async (attributes = {}) => total(await meter.series(port), 'socket.closes', attributes);
    while ((await closes()) === 0) await pause();
    assert.equal(await closes(), 1);
    assert.equal(await closes({ 'http.connection.state': 'idle', 'socket.close.initiator': 'remote' }), 1);
    void dispatcher.destroy();
  });

  test(`${name}: streams that the peer did not process were not dropped on purpose, nor cancelled`, async () => {
    for (const target of ['/refused', '/unseen', '/error']) {
      const { send, dispatcher } = await open();
      await send('/ok');
      const { attributes } = await clientSpan(() => send(target, { method: 'POST', body: 'x' }).catch(() => undefined));
      const told = (what: string) => attributes[`socket.failure.${what}`];
      // undici may repeat it, and be answered or not at all.
      if (told('kind') !== undefined) {
        assert.notEqual(told('initiator'), 'local', target);
        assert.notEqual(told('sent'), 'none', target);
        assert.ok(['unknown', 'peer_restart', 'peer_aborted', 'stale_keepalive'].includes(String(told('cause'))));
        assert.notEqual(told('confidence'), 'certain');
        assert.doesNotMatch(String(told('explanation')), /on purpose|rate, size|cancel/i);
      }
      void dispatcher.destroy();
    }
  });
}

const isFetchHttp2 = Number(process.versions.node.split('.')[0]) >= 26;
test("Node's fetch: an HTTP/2 connection is idle between requests, where it speaks HTTP/2", async () => {
  const { url, port, sessions } = await startServer();
  const get = async () => (await fetch(`${url}/ok`)).text();
  if (!isFetchHttp2) {
    await assert.rejects(get);
    return;
  }
  for (let i = 0; i < 3; i += 1) {
    const { attributes } = await clientSpan(get);
    assert.equal(attributes['socket.idle_ms'] !== undefined, i > 0);
    assert.deepEqual(await statesAt(port), IDLE);
    await pause();
  }
  assert.equal(sessions.size, 1);
});
