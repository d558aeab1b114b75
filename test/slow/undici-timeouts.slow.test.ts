import assert from 'node:assert/strict';
import { once } from 'node:events';
import net, { type Server, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { SpanKind } from '@opentelemetry/api';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { SocketInstrumentation, socketFailureOf } from '../../src/index';
import { listen } from '../support/fresh-port';
import { clientSpan, type EndedSpan, spansOf, startSdk } from '../support/sdk';
import { CLIENTS, COPIES } from '../support/undici-copies';

process.removeAllListeners('warning');
startSdk();
new SocketInstrumentation({ detail: 'full' });
new UndiciInstrumentation();

const sockets = new Set<Socket>();
after(() => {
  for (const socket of sockets) socket.destroy();
});

async function serve(onRequest: (socket: Socket, text: string) => void): Promise<string> {
  const server: Server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (data) => onRequest(socket, String(data)));
  });
  server.unref();
  return `http://127.0.0.1:${await listen(server)}`;
}

const told = ({ attributes }: EndedSpan, what: string) => attributes[`socket.failure.${what}`];
const outcome = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

for (const { name, copy } of COPIES) {
  test(`${name}: headersTimeout and bodyTimeout are timeouts of this process, each named`, async () => {
    const url = await serve((socket, text) => {
      if (text.includes('/stalls')) socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n');
    });
    const dispatcher = new copy.Agent({ headersTimeout: 1_000, bodyTimeout: 1_000 });
    for (const [path, setting, phase] of [
      ['/silent', 'headersTimeout', 'wait'],
      ['/stalls', 'bodyTimeout', 'response'],
    ] as const) {
      let error: unknown;
      const span = await clientSpan(async () => {
        const options = { method: 'POST', body: '{}', dispatcher };
        error = await outcome(copy.request(url + path, options).then(({ body }) => body.text()));
      });
      assert.equal(socketFailureOf(error)?.cause, 'client_timeout');
      assert.deepEqual(
        ['kind', 'cause', 'initiator', 'phase', 'retry_safe'].map((what) => told(span, what)),
        ['local_timeout', 'client_timeout', 'local', phase, false],
      );
      assert.match(String(told(span, 'explanation')), new RegExp(setting));
      assert.doesNotMatch(String(told(span, 'explanation')), /http\.Agent/);
    }
    await dispatcher.destroy();
  });
}

/** A listener whose queue is full: packets of a connect are dropped until `ms` have passed. */
async function deaf(ms: number): Promise<number> {
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads');
     const server = require('node:net').createServer((socket) => {
       socket.on('error', () => {});
       socket.on('data', () => socket.write('HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok'));
     });
     server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
       parentPort.postMessage(server.address().port);
       Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${ms});
     });`,
    { eval: true },
  );
  after(() => worker.terminate());
  const [port] = (await once(worker, 'message')) as [number];
  for (let silent = 0; silent < 2; ) {
    const socket = net.connect(port, '127.0.0.1').on('error', () => undefined);
    sockets.add(socket);
    const isIn = await Promise.race([
      once(socket, 'connect').then(() => true),
      new Promise<boolean>((resolve) => setTimeout(resolve, 400, false)),
    ]);
    if (!isIn) silent += 1;
  }
  return port;
}

for (const { name, send } of CLIENTS) {
  test(`${name}: a deadline that passes while it connects sent nothing, and is no certain cancel`, async () => {
    const port = await deaf(3_200);
    const options = { method: 'POST', body: 'x', signal: AbortSignal.timeout(500) };
    // undici reports it when the connection is there.
    const [span] = await spansOf(SpanKind.CLIENT, 1, () => outcome(send(`http://127.0.0.1:${port}/`, options)));
    assert.ok(span);
    assert.equal(told(span, 'phase'), 'connect');
    assert.equal(told(span, 'sent'), 'none');
    assert.equal(told(span, 'initiator'), 'local');
    const isKnown = told(span, 'cause') === 'client_timeout';
    assert.ok(isKnown || (told(span, 'cause') === 'client_cancelled' && told(span, 'confidence') === 'possible'));
    if (isKnown) assert.equal(told(span, 'retry_safe'), true);
  });
}
