import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net, { type LookupFunction } from 'node:net';
import { after, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { SocketInstrumentation, socketFailureOf } from '../../src/index';

new SocketInstrumentation();

/** A port where the accept queue is full and nobody accepts: a connect is not answered. */
async function startDeaf(): Promise<number> {
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads');
    const server = require('node:net').createServer();
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      parentPort.postMessage(server.address().port);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`,
    { eval: true },
  );
  const sockets: net.Socket[] = [];
  after(async () => {
    for (const socket of sockets) socket.destroy();
    await worker.terminate();
  });
  const [port] = (await once(worker, 'message')) as [number];
  for (let silent = 0; silent < 2; ) {
    const socket = net.connect(port, '127.0.0.1').on('error', () => undefined);
    sockets.push(socket);
    const isIn = once(socket, 'connect').then(() => true);
    const isAnswered = await Promise.race([isIn, new Promise((resolve) => setTimeout(resolve, 400, false))]);
    if (isAnswered === false) silent += 1;
  }
  return port;
}

test("Node's own timer for one of several addresses is a timer of this process, and is named", async () => {
  const port = await startDeaf();
  // No machine has a route to the last one over TCP: it fails at once, and no packet leaves.
  const addresses = ['127.0.0.1', '255.255.255.255'].map((address) => ({ address, family: 4 }));
  const lookup: LookupFunction = (_, __, done) => setImmediate(() => done(null, addresses));
  const options = { host: 'api.internal', port, method: 'POST', lookup, autoSelectFamily: true };
  const request = http.request(options);
  request.end('order');
  const [error] = await once(request, 'error');
  const failure = socketFailureOf(error);
  const { cause, initiator, sent, retrySafe, explanation = '' } = failure ?? {};
  assert.deepEqual([cause, initiator, sent, retrySafe], ['connect_timeout', 'local', 'none', true], explanation);
  assert.match(explanation, /autoSelectFamilyAttemptTimeout/);
});
