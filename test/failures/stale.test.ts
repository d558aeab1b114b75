import assert from 'node:assert/strict';
import { once } from 'node:events';
import http, { type ClientRequest } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { now } from '../../src/observe/process/clock';
import { processState } from '../../src/observe/process/process-state';
import type { Peer, Request } from '../support/peer';
import { spansOf } from '../support/sdk';
import { check, type Expected, fails, send, startPeer } from '../support/verdict';

const CLOSED: Expected = {
  kind: 'closed',
  phase: 'wait',
  cause: 'stale_keepalive',
  confidence: 'possible',
  initiator: 'remote',
  sent: 'full',
  retrySafe: true,
};

type How = Parameters<Peer['endUnnoticed']>[0];

/** What an RST makes of our first write. On TLS nothing proves that it did not leave. It may be that of a firewall. */
function unsent(secure: boolean): Partial<Expected> {
  return { phase: 'request', sent: secure ? 'partial' : 'none', confidence: 'possible' };
}

/** This process does not look at its sockets meanwhile. */
function block(ms: number): void {
  const endMs = now() + ms;
  while (now() < endMs);
}

/** Pools a connection, has the peer end it unnoticed, and makes the next request in the same tick. */
async function stale(secure: boolean, how: How, expected: Expected, options: Request, idleMs = 0): Promise<void> {
  const peer = await startPeer({ secure });
  const agent = new (secure ? https : http).Agent({ keepAlive: true });
  await send(peer, '/ok', { agent });
  if (idleMs > 0) await wait(idleMs);
  const { span } = await fails(expected, () => {
    peer.endUnnoticed(how);
    if (how === 'farewell') block(60);
    return send(peer, '/ok', { agent, ...options });
  });
  assert.equal(span.attributes['socket.reuse_count'], 1);
  assert.equal(span.attributes['socket.idle_bucket'], '<1s');
  // A peer that has only closed its own side still reads what we send: reuse alone never makes a POST safe.
  if (how !== 'fin' && how !== 'farewell') assert.equal(peer.requests, 1);
  agent.destroy();
}

for (const secure of [false, true]) {
  const scheme = secure ? 'https' : 'http';
  for (const method of ['GET', 'POST']) {
    const idempotent = method === 'GET';

    test(`${scheme}: a FIN pending at reuse, ${method}: closed, and the request went out whole`, () =>
      stale(secure, 'fin', { ...CLOSED, retrySafe: idempotent }, { method }));

    test(`${scheme}: an RST pending at reuse, ${method}: the write fails`, () =>
      stale(
        secure,
        'rst',
        { ...CLOSED, kind: 'reset', ...unsent(secure), retrySafe: idempotent || !secure },
        { method },
      ));

    test(`${scheme}: a peer that is gone, ${method}: FIN, and RST on our first byte`, () =>
      stale(secure, 'destroy', { ...CLOSED, retrySafe: idempotent }, { method }));
  }

  test(`${scheme}: a 408 that was on its way may be the farewell of a stale connection`, async () => {
    const expected: Expected = { ...CLOSED, phase: 'response', sent: 'received', status: 'any' };
    // On loopback the peer may have read and executed the request meanwhile.
    for (const method of ['GET', 'POST'])
      await stale(secure, 'farewell', { ...expected, retrySafe: method === 'GET' }, { method }, 150);
  });
}

test('http: a body in two writes to a peer that is gone: the second breaks the pipe', () =>
  stale(
    false,
    'destroy',
    { ...CLOSED, kind: 'broken_pipe', phase: 'request', sent: 'partial', retrySafe: false },
    {
      method: 'POST',
      headers: { 'content-length': '20' },
      unended: true,
      tap: (request) => {
        request.write('secret-bod');
        request.on('socket', () => process.nextTick(() => process.nextTick(() => request.end('secret-bod'))));
      },
    },
    150,
  ));

for (const secure of [false, true]) {
  for (const how of ['fin', 'rst'] as const) {
    test(`${secure ? 'https' : 'http'}: a queued request gets a just-used connection that the peer ended by ${how}`, async () => {
      const peer = await startPeer({ secure });
      const agent = new (secure ? https : http).Agent({ keepAlive: true, maxSockets: 1 });
      // Right after this listener the connection passes to the queued request.
      const tap = (request: ClientRequest) =>
        request.on('response', (response) => response.on('end', () => peer.endUnnoticed(how)));
      let errors: readonly unknown[] = [];
      const spans = await spansOf(SpanKind.CLIENT, 2, async () => {
        const first = send(peer, '/ok', { agent, tap });
        ({ errors } = await send(peer, '/ok', { agent }));
        await first;
      });
      const span = spans.find(({ status }) => status.code === SpanStatusCode.ERROR);
      assert.ok(span);
      // It was hardly idle: nothing that is known of idleness explains its end.
      const closed: Expected = { ...CLOSED, or: { cause: 'unknown' } };
      check(span, errors, how === 'fin' ? closed : { ...CLOSED, kind: 'reset', ...unsent(secure) });
      assert.equal(span.attributes['socket.reuse_count'], 1);
      assert.ok(Number(span.attributes['socket.queue_ms']) >= 0);
      assert.ok(Number(span.attributes['socket.idle_ms']) <= Number(span.attributes['socket.queue_ms']));
      agent.destroy();
    });
  }
}

test('a connection that is answered 408 has not survived its idle age', async () => {
  const server = http.createServer((request, response) => {
    if (request.url?.startsWith('/ok')) response.end();
    else setTimeout(() => response.writeHead(408, { connection: 'close' }).end(), 20);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const agent = new http.Agent({ keepAlive: true });
  await send({ port, secure: false }, '/ok', { agent });
  await wait(150);
  await send({ port, secure: false }, '/late', { agent });
  assert.equal(processState.origins.of('http:', '127.0.0.1', port).okIdleMs(now()), 100);
  agent.destroy();
  server.close();
});
