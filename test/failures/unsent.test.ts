import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import { after, test } from 'node:test';
import tls from 'node:tls';
import { type SocketFailure, SocketInstrumentation, socketFailureOf } from '../../src/index';
import { listen } from '../support/fresh-port';
import type { Peer } from '../support/peer';
import { doesNotFail, send, startPeer } from '../support/verdict';

/** The peer has read the POST: nobody says that it was not sent, is safe to send again, or that no connection came about. */
function wasExecuted(peer: Pick<Peer, 'requests'>, failure: SocketFailure | undefined): void {
  assert.ok(peer.requests > 0);
  assert.ok(failure);
  assert.notEqual(failure.sent, 'none', failure.explanation);
  assert.equal(failure.retrySafe, false);
  assert.ok(!['queue', 'dns', 'connect', 'tls', 'proxy'].includes(failure.phase ?? ''), failure.phase);
}

for (const end of ['drop-fin', 'drop-rst', 'hang'] as const) {
  test(`one instance that is disabled while a socket of another connects takes nothing from it: ${end}`, async () => {
    const peer = await startPeer();
    const other = new SocketInstrumentation({ enabled: false, httpClient: false, httpServer: false });
    const agent = new http.Agent({ keepAlive: true });
    after(() => agent.destroy());
    other.enable();
    const warm = doesNotFail(() => send(peer, '/ok', { agent }));
    other.disable();
    await warm;
    const tap = (request: http.ClientRequest) => request.on('timeout', () => request.destroy());
    const { error } = await send(peer, `/${end}`, { agent, method: 'POST', timeout: end === 'hang' ? 60 : 0, tap });
    wasExecuted(peer, socketFailureOf(error));
  });
}

test('TLS that was set up by hand, which never says that it is secure, is up once it answers', async () => {
  const peer = await startPeer({ secure: true });
  const agent = new http.Agent({ keepAlive: true });
  after(() => agent.destroy());
  const sockets: tls.TLSSocket[] = [];
  const createConnection = (_: unknown, done: (error: null, socket: net.Socket) => void) => {
    const tcp = net.connect(peer.port, '127.0.0.1', () => {
      const socket = new tls.TLSSocket(tcp, { isServer: false, rejectUnauthorized: false } as tls.TLSSocketOptions);
      sockets.push(socket);
      done(null, socket);
    });
  };
  Object.assign(agent, { createConnection });
  const plain = { port: peer.port, secure: false };
  await doesNotFail(() => send(plain, '/ok', { agent }));
  assert.equal(sockets[0]?.listenerCount('secureConnect'), 0, 'our listener is gone');
  const tap = (request: http.ClientRequest) => request.on('timeout', () => request.destroy());
  const { error } = await send(plain, '/hang', { agent, method: 'POST', timeout: 60, tap });
  const failure = socketFailureOf(error);
  wasExecuted(peer, failure);
  assert.equal(failure?.cause, 'client_timeout');
  assert.equal(failure?.connection?.reuseCount, 1);
});

test('a program that verifies a certificate itself, notes what it found, and goes on, has sent what it sent', async () => {
  const peer = await startPeer({ secure: true });
  const agent = new http.Agent();
  const createConnection = (_: unknown, done: (error: null, socket: net.Socket) => void) => {
    const tcp = net.connect(peer.port, '127.0.0.1', () => {
      const socket = new tls.TLSSocket(tcp, { isServer: false, rejectUnauthorized: false } as tls.TLSSocketOptions);
      socket.on('secure', () => Object.assign(socket, { authorizationError: 'DEPTH_ZERO_SELF_SIGNED_CERT' }));
      done(null, socket);
    });
  };
  Object.assign(agent, { createConnection });
  const plain = { port: peer.port, secure: false };
  const { error } = await send(plain, '/drop-fin?30', { agent, method: 'POST' });
  wasExecuted(peer, socketFailureOf(error));
});

test('a socket with a writer of its own counts nothing that proves anything', async () => {
  const peer = await startPeer();
  const agent = new http.Agent();
  /** Its bytes go another way; the handle that it has counts none. */
  const createConnection = () => {
    const idle = net.connect(peer.port, '127.0.0.1');
    const carrier = net.connect(peer.port, '127.0.0.1');
    const write = (chunk: Buffer, encoding: BufferEncoding, done: () => void) => carrier.write(chunk, encoding, done);
    carrier.on('end', () => idle.destroy());
    return Object.assign(idle, { _write: write, _writev: undefined });
  };
  Object.assign(agent, { createConnection });
  const { error } = await send(peer, '/drop-fin', { agent, method: 'POST' });
  wasExecuted(peer, socketFailureOf(error));
});

for (const error of [
  { code: 'ECONNREFUSED', syscall: 'connect', address: '127.0.0.1', port: 1 },
  { code: 'ENOTFOUND', syscall: 'getaddrinfo' },
  { code: 'EADDRINUSE', syscall: 'bind' },
  { code: 'CERT_HAS_EXPIRED' },
  { code: 'ERR_PROXY_TUNNEL' },
]) {
  test(`a request that the program gives up with the error of another connection was sent: ${error.code}`, async () => {
    const requests: http.ClientRequest[] = [];
    const server = net.createServer((socket) => {
      socket.once('data', () => requests[0]?.destroy(Object.assign(new Error('of the source'), error)));
    });
    const peer = { port: await listen(server), secure: false, requests: 1 };
    after(() => server.close());
    const tap = (request: http.ClientRequest) => requests.push(request);
    const { error: failed } = await send(peer, '/', { method: 'POST', tap });
    const failure = socketFailureOf(failed);
    wasExecuted(peer, failure);
    assert.deepEqual([failure?.kind, failure?.cause, failure?.initiator], ['other', 'unknown', 'local']);
  });
}

/** How a program gives a request another socket: itself, or through an agent that pools it. */
const SECOND = {
  handed: (request: http.ClientRequest, agent: http.Agent) => {
    const [pooled] = Object.values(agent.freeSockets)[0] ?? assert.fail();
    request.onSocket(pooled as net.Socket);
  },
  'that an agent takes from its pool': (request: http.ClientRequest, agent: http.Agent) => {
    const [host = '', port] = Object.keys(agent.freeSockets)[0]?.split(':') ?? [];
    (agent as unknown as { addRequest(request: object, options: object): void }).addRequest(request, { host, port });
  },
};

for (const [how, reassign] of Object.entries(SECOND)) {
  test(`a request may have been sent on either of two sockets that it gets in one tick, the second ${how}`, async () => {
    const peer = await startPeer();
    const agent = new http.Agent({ keepAlive: true });
    after(() => agent.destroy());
    await Promise.all([1, 2].map(() => doesNotFail(() => send(peer, '/ok', { agent }))));
    assert.equal(Object.values(agent.freeSockets).flat().length, 2);
    const tap = (request: http.ClientRequest) => {
      const [first] = Object.values(agent.sockets).flat();
      reassign(request, agent);
      setTimeout(() => first?.destroy(), 50);
    };
    const { error } = await send(peer, '/hang', { agent, method: 'POST', tap });
    assert.equal(peer.requests, 3);
    assert.notEqual(socketFailureOf(error)?.sent, 'none');
    assert.equal(socketFailureOf(error)?.retrySafe, false);
  });

  test(`a request may have been sent on its first socket before it gets a second one, ${how}`, async () => {
    const peer = await startPeer();
    const agent = new http.Agent({ keepAlive: true });
    after(() => agent.destroy());
    await doesNotFail(() => send(peer, '/ok', { agent }));
    const tap = (request: http.ClientRequest) =>
      request.on('timeout', () => {
        reassign(request, agent);
        setImmediate(() => request.destroy(Object.assign(new Error('given up'), { code: 'EGONE' })));
      });
    const { error } = await send(peer, '/hang', { method: 'POST', timeout: 60, tap });
    assert.equal(Object.values(agent.freeSockets).flat().length, 0);
    assert.ok(peer.requests > 1);
    assert.notEqual(socketFailureOf(error)?.sent, 'none');
    assert.equal(socketFailureOf(error)?.retrySafe, false);
  });
}

test('a request that was destroyed before it had a socket was not sent', async () => {
  const peer = await startPeer();
  const { error } = await send(peer, '/ok', { method: 'POST', tap: (request) => request.destroy() });
  assert.equal(socketFailureOf(error)?.sent, 'none');
  assert.equal(peer.requests, 0);
});
