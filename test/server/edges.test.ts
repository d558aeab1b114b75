import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { DiagLogLevel, diag } from '@opentelemetry/api';
import { instrument } from '../support/facts/facts-setup';
import { across, dial, GET, heard, listen, serverSpans } from './setup';

instrument({ socket: {} });

test('a stream of the program that a server gets is no connection, and nothing is missing on it', async () => {
  const warnings: string[] = [];
  diag.setLogger({ ...console, warn: (text) => warnings.push(text), verbose: () => undefined }, DiagLogLevel.WARN);
  const server = http.createServer((_, response) => response.end('ok'));
  const stream = new Duplex({ read: () => undefined, write: (_, __, done) => done() });
  const [span] = await serverSpans(1, () => {
    server.emit('connection', stream);
    stream.push(GET);
  });
  diag.disable();
  const own = Object.keys(span?.attributes ?? {}).filter((name) => name.startsWith('socket.'));
  assert.deepEqual(own, []);
  assert.deepEqual(warnings, []);
  stream.destroy();
});

test('a connection that was handed over has no age and may be fresh', async () => {
  const server = http.createServer((_, response) => response.end('ok'));
  const front = net.createServer({ pauseOnConnect: true }, (socket) => {
    // As a worker of a sticky cluster gets it.
    const handle = (socket as unknown as { _handle: net.Socket })._handle;
    server.emit('connection', new net.Socket({ handle } as net.SocketConstructorOpts));
  });
  await once(front.listen(0, '127.0.0.1'), 'listening');
  const socket = net.connect((front.address() as AddressInfo).port, '127.0.0.1');
  const spans = await serverSpans(2, async () => {
    for (let i = 0; i < 2; i += 1) {
      socket.write(GET);
      await heard(socket, 'ok');
    }
  });
  assert.deepEqual(across(spans, 'socket.reuse_count'), [undefined, undefined]);
  assert.deepEqual(across(spans, 'socket.reused'), [undefined, true]);
  assert.deepEqual(across(spans, 'socket.age_ms'), [undefined, undefined]);
  socket.destroy();
  front.close();
});

test('a connection is not idle while the client sends a request that was answered early', async () => {
  const at = await listen((request, response) => response.writeHead(request.method === 'POST' ? 413 : 200).end('ok'));
  const socket = await dial(at);
  const spans = await serverSpans(2, async () => {
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n1');
    await heard(socket, 'ok');
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.write(`2${GET}`);
    await heard(socket, 'ok');
  });
  assert.deepEqual(across(spans, 'socket.reused'), [false, true]);
  assert.deepEqual(across(spans, 'socket.idle_ms'), [undefined, undefined]);
  socket.destroy();
  await at.stop();
});

/** Over TLS; resets the connection below as soon as it has the whole response, and then says so. */
const CLIENT = `
  const { workerData: { port, flag } } = require('node:worker_threads');
  const below = require('node:net').connect(port, '127.0.0.1', () => {
    const socket = require('node:tls').connect({ socket: below, rejectUnauthorized: false }, () => {
      socket.write('GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n');
    });
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      if (!String(data).endsWith('ok')) return;
      below.resetAndDestroy();
      Atomics.store(flag, 0, 1);
      Atomics.notify(flag, 0);
    });
  });
  below.on('error', () => undefined);
`;

test('a client that resets a TLS connection after the whole response is not gone', async () => {
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const at = await listen(
    (_, response) =>
      setTimeout(() => {
        response.writeHead(200, { 'content-length': 2 }).end('ok');
        // Node sees the reset before it sees that its write is over.
        Atomics.wait(flag, 0, 0, 2_000);
      }, 10),
    { secure: true },
  );
  const [span] = await serverSpans(1, async () => {
    const worker = new Worker(CLIENT, { eval: true, workerData: { port: at.port, flag } });
    await once(worker, 'exit');
  });
  assert.equal(Atomics.load(flag, 0), 1);
  assert.equal(span?.attributes['socket.failure.kind'], undefined, String(span?.attributes['socket.failure.phase']));
  assert.equal(span?.attributes['socket.reuse_count'], 0);
  await at.stop();
});
