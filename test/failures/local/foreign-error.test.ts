import assert from 'node:assert/strict';
import http, { type ClientRequest } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import { test } from 'node:test';
import { SpanKind } from '@opentelemetry/api';
import { socketFailureOf } from '../../../src/index';
import { startUpload } from '../../server/upload';
import { clientSpan, spansOf } from '../../support/sdk';
import { type Expected, fails, send, startPeer } from '../../support/verdict';

const error = (code: string, syscall?: string) => Object.assign(new Error('of something else'), { code, syscall });
/** Each is about another connection: the request that the program destroys with it was executed. */
const FOREIGN: Readonly<Record<string, () => Error>> = {
  'a failed look-up': () => error('ENOTFOUND', 'getaddrinfo'),
  'a failed query': () => error('ESERVFAIL', 'queryA'),
  'a refused connect': () => error('ECONNREFUSED', 'connect'),
  'a timed out connect': () => error('ETIMEDOUT', 'connect'),
  'a missing route': () => error('EHOSTUNREACH', 'connect'),
  'an address in use': () => error('EADDRINUSE', 'bind'),
  'a denied tunnel': () => error('ERR_PROXY_TUNNEL'),
  'a connect timer': () => error('UND_ERR_CONNECT_TIMEOUT'),
  'a body of another length': () => error('ERR_HTTP_CONTENT_LENGTH_MISMATCH'),
  'a refused certificate': () => error('ERR_TLS_CERT_ALTNAME_INVALID'),
};
const OTHER: Expected = {
  kind: 'other',
  phase: 'wait',
  cause: 'unknown',
  confidence: 'possible',
  initiator: 'local',
  sent: 'full',
  retrySafe: false,
  status: 'any',
};
/** Long enough for the peer to read the request. */
const READ_MS = 60;

for (const secure of [false, true]) {
  const scheme = secure ? 'https' : 'http';

  test(`${scheme}: an error about another connection does not say that an executed POST was never sent`, async () => {
    const peer = await startPeer({ secure });
    for (const [name, make] of Object.entries(FOREIGN)) {
      const destroy = (request: ClientRequest) =>
        request.on('finish', () => setTimeout(() => request.destroy(make()), READ_MS));
      const { span } = await fails(OTHER, () => send(peer, '/hang', { method: 'POST', tap: destroy }));
      assert.ok(Number(span.attributes['socket.id']) > 0, name);
    }
  });

  test(`${scheme}: the program destroys the socket with an error of another connection`, async () => {
    const peer = await startPeer({ secure });
    for (const [code, syscall] of [
      ['ECONNREFUSED', 'connect'],
      ['ECONNRESET', 'read'],
      ['ETIMEDOUT', 'read'],
      ['EPIPE', 'write'],
      ['ECONNRESET', 'write'],
      ['HPE_INVALID_CONSTANT', ''],
      ['ERR_SSL_WRONG_VERSION_NUMBER', ''],
      ['EMFILE', 'open'],
      ['UND_ERR_REQ_CONTENT_LENGTH_MISMATCH', ''],
    ] as const) {
      const destroy = (request: ClientRequest) =>
        request.on('finish', () => setTimeout(() => request.socket?.destroy(error(code, syscall)), READ_MS));
      await fails(OTHER, () => send(peer, '/hang', { method: 'POST', tap: destroy }));
      if (syscall !== 'read' && syscall !== 'write') continue;
      // No frame of the program is on the stack.
      const handOver = (request: ClientRequest) =>
        request.on('finish', () => {
          const { socket } = request;
          setTimeout(socket?.destroy.bind(socket, error(code, syscall)) as () => void, READ_MS);
        });
      await fails(OTHER, () => send(peer, '/hang', { method: 'POST', tap: handOver }));
    }
  });
}

const ABANDONED: Expected = {
  ...OTHER,
  phase: 'request',
  cause: 'request_incomplete',
  sent: 'partial',
  retrySafe: true,
};

test('a pipeline whose source fails does not cancel the request that it feeds', async () => {
  const peer = await startPeer();
  const source = Readable.from(
    (async function* () {
      yield 'half';
      await new Promise((resolve) => setTimeout(resolve, READ_MS));
      throw new Error('the disk broke');
    })(),
  );
  const feed = (request: ClientRequest) => pipeline(source, request, () => undefined);
  await fails(ABANDONED, () => send(peer, '/hang', { method: 'PUT', unended: true, tap: feed }));
});

test('a relayed upload whose client goes away is not a cancellation', async () => {
  const peer = await startPeer();
  const { client, incoming } = await startUpload();
  const feed = (request: ClientRequest) => {
    incoming.on('error', (aborted) => request.destroy(aborted)).pipe(request);
    setTimeout(() => client.destroy(), READ_MS);
  };
  await fails({ ...ABANDONED, shared: true }, () => send(peer, '/hang', { method: 'PUT', unended: true, tap: feed }));
});

test('a request that waits for a connection, and is destroyed with an error about another one, was not refused itself', async () => {
  const peer = await startPeer();
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  for (const [name, make] of Object.entries(FOREIGN)) {
    // Node 26 emits no error with that code for a request that waits.
    if (name === 'a denied tunnel') continue;
    const spans = await spansOf(SpanKind.CLIENT, 2, async () => {
      const first = http.get({ host: '127.0.0.1', port: peer.port, path: '/hang', agent });
      first.on('error', () => undefined);
      const destroy = (request: ClientRequest) =>
        setImmediate(() => {
          request.destroy(make());
          first.destroy();
        });
      await send(peer, '/hang', { agent, method: 'POST', tap: destroy });
    });
    const attributes = spans.find((span) => span.attributes['http.request.method'] === 'POST')?.attributes ?? {};
    const told = ['kind', 'cause', 'confidence', 'initiator', 'sent'];
    assert.deepEqual(
      told.map((what) => attributes[`socket.failure.${what}`]),
      ['other', 'unknown', 'possible', 'local', 'none'],
      name,
    );
    // The agent begins to connect for it when the first is gone.
    assert.match(String(attributes['socket.failure.phase']), /^(queue|connect)$/);
  }
  agent.destroy();
});

test('requests that the program ends with one deadline had it all', async () => {
  const peer = await startPeer();
  const deadline = error('ETIMEDOUT');
  const controller = new AbortController();
  const later = (end: () => void) => void setTimeout(end, READ_MS);
  const destroy = (request: ClientRequest) => later(() => request.destroy(deadline));
  const abort = () => later(() => controller.abort(deadline));
  const causes: unknown[] = [];
  for (const options of [{ tap: destroy }, { tap: destroy }, { tap: abort, signal: controller.signal }]) {
    const span = await clientSpan(() => send(peer, '/hang', { method: 'POST', ...options }));
    causes.push(`${span.attributes['socket.failure.cause']}, ${span.attributes['socket.failure.confidence']}`);
  }
  assert.deepEqual(causes, ['client_timeout, likely', 'client_timeout, likely', 'client_cancelled, possible']);
});

test('a response that the program ends with the error of a request to its own server says nothing of what else that ended', async () => {
  const peer = await startPeer();
  const { client, incoming } = await startUpload();
  const agent = new http.Agent({ keepAlive: true });
  let aborted: Error | undefined;
  const destroy = (request: ClientRequest) =>
    request.on('response', (response) => {
      incoming.on('error', (reason) => {
        aborted = reason;
        agent.destroy();
        response.on('error', () => undefined).destroy(reason);
      });
      client.resetAndDestroy();
    });
  await clientSpan(() => send(peer, '/body-hang', { agent, tap: destroy }));
  assert.equal(aborted?.message, 'aborted');
  assert.equal(socketFailureOf(aborted)?.retrySafe, false);
});
