import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { number, socketAttributes } from '../support/facts/facts-server';
import { instrument } from '../support/facts/facts-setup';
import { ended } from '../support/sdk';
import { across, dial, GET, heard, listen, serverSpans } from './setup';

const { mine, theirs } = instrument();

for (const secure of [false, true]) {
  test(`${secure ? 'https' : 'http'}: requests of one connection are counted, with idle time and age`, async () => {
    const at = await listen((_, response) => response.end('ok'), { secure });
    at.server.keepAliveTimeout = 7_000;
    const socket = await dial(at);
    const spans = await serverSpans(3, async () => {
      for (let i = 0; i < 3; i++) {
        socket.write(GET);
        await heard(socket, 'ok');
        await delay(30);
      }
    });
    assert.deepEqual(across(spans, 'socket.reuse_count'), [0, 1, 2]);
    assert.deepEqual(across(spans, 'socket.reused'), [false, true, true]);
    assert.equal(new Set(across(spans, 'socket.id')).size, 1);
    assert.deepEqual(across(spans, 'socket.server_timeout_ms'), [7_000, 7_000, 7_000]);
    assert.equal(spans[0]?.attributes['socket.idle_ms'], undefined);
    for (const span of spans.slice(1)) assert.ok(number(span, 'socket.idle_ms') >= 25);
    const ages = spans.map((span) => number(span, 'socket.age_ms'));
    assert.ok((ages[1] ?? 0) >= 25 && (ages[2] ?? 0) >= (ages[1] ?? 0) + 25);
    for (const name of ['local.port', 'peer.port', 'local.address', 'peer.address']) {
      assert.notEqual(spans[0]?.attributes[`network.${name}`], undefined);
    }
    assert.equal(spans[0]?.attributes['network.peer.port'], socket.localPort);
    assert.equal(spans[0]?.attributes['network.local.port'], at.port);
    socket.destroy();
    await at.stop();
  });
}

test('essential: five attributes at most, and no idle timeout of the server', async () => {
  mine.setConfig({ detail: 'essential' });
  const at = await listen((_, response) => response.end('ok'));
  const socket = await dial(at);
  const spans = await serverSpans(2, async () => {
    for (let i = 0; i < 2; i++) {
      socket.write(GET);
      await heard(socket, 'ok');
    }
  });
  const names = spans.map((span) => Object.keys(socketAttributes(span)).map((name) => name.slice('socket.'.length)));
  assert.deepEqual(names[0], ['age_ms', 'id', 'reuse_count', 'reused']);
  assert.deepEqual(names[1], ['age_ms', 'id', 'idle_ms', 'reuse_count', 'reused']);
  mine.setConfig({ detail: 'full' });
  socket.destroy();
  await at.stop();
});

test('a server without an idle timeout says 0', async () => {
  const at = await listen((_, response) => response.end('ok'));
  at.server.keepAliveTimeout = 0;
  const socket = await dial(at);
  const spans = await serverSpans(1, async () => {
    socket.write(GET);
    await heard(socket, 'ok');
  });
  assert.equal(spans[0]?.attributes['socket.server_timeout_ms'], 0);
  socket.destroy();
  await at.stop();
});

test('Connection: close, HEAD, 204, 304 and Expect: 100-continue are no failures', async () => {
  const at = await listen((request, response) => {
    response.statusCode = Number(request.url?.slice(1) || 200);
    request.resume();
    request.on('end', () => response.end(response.statusCode === 200 ? 'ok' : undefined));
  });
  const exchanges = [
    ['HEAD /200 HTTP/1.1\r\nHost: x\r\n\r\n', 'HTTP/1.1 200'],
    ['GET /204 HTTP/1.1\r\nHost: x\r\n\r\n', 'HTTP/1.1 204'],
    ['GET /304 HTTP/1.1\r\nHost: x\r\n\r\n', 'HTTP/1.1 304'],
    ['POST /200 HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi', 'HTTP/1.1 200'],
    ['GET /200 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 'HTTP/1.1 200'],
  ] as const;
  const spans = await serverSpans(exchanges.length, async () => {
    let socket = await dial(at);
    for (const [request, answer] of exchanges) {
      if (!socket.writable) socket = await dial(at);
      socket.write(request);
      const text = await heard(socket, answer);
      if (/connection: close/i.test(text) && socket.writable) await once(socket, 'end');
    }
  });
  for (const span of spans) {
    assert.equal(span.attributes['socket.failure.kind'], undefined);
    assert.equal(typeof span.attributes['socket.reuse_count'], 'number');
  }
  await at.stop();
});

test('pipelined requests are counted in the order in which they came', async () => {
  const waits = [30, 10, 0];
  const at = await listen((_, response) => {
    setTimeout(() => response.end('ok'), waits.shift());
  });
  const socket = await dial(at);
  const spans = await serverSpans(3, async () => {
    socket.write(GET.repeat(3));
    await heard(socket, 'ok', 3);
  });
  assert.deepEqual(across(spans, 'socket.reuse_count').sort(), [0, 1, 2]);
  assert.deepEqual(across(spans, 'socket.failure.kind'), [undefined, undefined, undefined]);
  const [after] = await serverSpans(1, async () => {
    socket.write(GET);
    await heard(socket, 'ok');
  });
  assert.equal(after?.attributes['socket.reuse_count'], 3);
  assert.ok(after !== undefined && number(after, 'socket.idle_ms') < 100);
  socket.destroy();
  await at.stop();
});

test('an ignored request has no span and counts', async () => {
  theirs.setConfig({ ignoreIncomingRequestHook: ({ headers }) => 'x-ignore' in headers });
  const at = await listen((_, response) => response.end('ok'));
  const socket = await dial(at);
  const from = ended.length;
  socket.write('GET / HTTP/1.1\r\nHost: x\r\nx-ignore: 1\r\n\r\n');
  await heard(socket, 'ok');
  const spans = await serverSpans(1, async () => {
    socket.write(GET);
    await heard(socket, 'ok');
  });
  assert.equal(ended.length, from + 1);
  assert.deepEqual(across(spans, 'socket.reuse_count'), [1]);
  theirs.setConfig({});
  socket.destroy();
  await at.stop();
});

test('an upgrade is neither a failure of the client nor of the server', async () => {
  const at = await listen((_, response) => response.end('ok'));
  at.server.on('upgrade', (_, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    socket.on('end', () => socket.end());
    socket.resume();
  });
  const from = ended.length;
  for (let i = 0; i < 3; i++) {
    const request = http.get({ port: at.port, host: '127.0.0.1', headers: { connection: 'Upgrade', upgrade: 'echo' } });
    const [, socket] = (await once(request, 'upgrade')) as [unknown, NodeJS.Socket & { resume(): void; end(): void }];
    socket.resume();
    socket.end();
    await once(socket, 'close');
  }
  const [client] = ended.slice(from);
  assert.equal(client?.attributes['socket.reuse_count'], 0);
  for (const span of ended.slice(from)) {
    assert.equal(span.attributes['socket.failure.kind'], undefined);
    // What a program does with its sockets tells nothing about an idle timeout.
    assert.equal(span.attributes['socket.peer_timeout_ms'], undefined);
  }
  await at.stop();
});
