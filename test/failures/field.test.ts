import assert from 'node:assert/strict';
import http from 'node:http';
import net, { type Socket } from 'node:net';
import { after, test } from 'node:test';
import { type SocketFailure, socketFailureOf } from '../../src/index';
import { listen } from '../support/fresh-port';
import { doesNotFail, send, startPeer } from '../support/verdict';

/** Sends one request; its verdict, if it failed. */
async function failureOf(...args: Parameters<typeof send>): Promise<SocketFailure | undefined> {
  const { error } = await send(...args);
  return error === undefined ? undefined : (socketFailureOf(error) ?? assert.fail('no verdict'));
}

test('a deadline of which the queue of the pool used up the most lacks connections, not time', async () => {
  const peer = await startPeer();
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  after(() => agent.destroy());
  await doesNotFail(() => send(peer, '/ok', { agent }));
  const first = send(peer, '/slow?250', { agent });
  const failure = await failureOf(peer, '/hang', { agent, signal: AbortSignal.timeout(320) });
  await first;
  assert.deepEqual([failure?.cause, failure?.initiator, failure?.phase], ['client_timeout', 'local', 'wait']);
  assert.equal(failure?.retrySafe, false);
  assert.match(failure?.explanation ?? '', /in the queue of the pool\. .*maxSockets/);
});

test('a peer that uses each connection for one response, and whose end crosses the next request, drops nothing on purpose', async () => {
  const server = net.createServer((socket: Socket) => {
    let requests = 0;
    socket
      .on('error', () => undefined)
      .on('data', () => {
        requests += 1;
        if (requests === 1) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
        else socket.destroy();
      });
  });
  const peer = { port: await listen(server), secure: false };
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  after(() => {
    agent.destroy();
    server.close();
  });
  let lost = 0;
  for (let i = 0; i < 12; i += 1) {
    const method = i % 6 === 5 ? 'POST' : 'GET';
    const failure = await failureOf(peer, '/', { agent, method });
    if (failure === undefined) continue;
    lost += 1;
    const { cause = '', explanation, retrySafe, sent, confidence } = failure;
    const isSound = ['stale_keepalive', 'recycled', 'unknown'].includes(cause) || confidence === 'possible';
    assert.ok(isSound, explanation);
    assert.notEqual(cause, 'rejected', explanation);
    assert.doesNotMatch(explanation ?? '', /on purpose/);
    assert.notEqual(failure.initiator, 'local');
    assert.equal(retrySafe, method === 'GET' || sent === 'none', explanation);
  }
  assert.equal(lost, 6);
});
