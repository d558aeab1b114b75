import assert from 'node:assert/strict';
import http, { Agent } from 'node:http';
import https from 'node:https';
import { after, before, test } from 'node:test';
import { SpanKind } from '@opentelemetry/api';
import {
  ask,
  type FactsServer,
  number,
  socketAttributes,
  startFactsServer,
  traced,
} from '../support/facts/facts-server';
import { instrument } from '../support/facts/facts-setup';
import { spansOf } from '../support/sdk';

const { mine } = instrument({ socket: {} });

let server: FactsServer;
let secure: FactsServer;
before(async () => {
  server = await startFactsServer();
  secure = await startFactsServer({ secure: true });
});
after(() => Promise.all([server.stop(), secure.stop()]));

async function namesOf(target: FactsServer, path: string, agent: Agent, host = '127.0.0.1'): Promise<string[]> {
  const { span } = await traced(target, path, { agent, host });
  return Object.keys(socketAttributes(span)).map((name) => name.slice('socket.'.length));
}
const IDENTITY = ['id', 'reuse_count', 'reused'];
const REUSED = ['age_ms', 'id', 'idle_ms', 'reuse_count', 'reused'];

test('essential: a healthy fresh span has the set-up times, a reused one five attributes', async () => {
  const agent = new Agent({ keepAlive: true, timeout: 3_000 });
  assert.deepEqual(await namesOf(server, '/?header=timeout%3D60', agent), ['connect_ms', ...IDENTITY]);
  assert.deepEqual(await namesOf(server, '/', agent), REUSED);
  assert.deepEqual(await namesOf(server, '/', agent), REUSED);
  agent.destroy();
});

test('essential: a host name adds the time of its resolution, TLS that of the handshake', async () => {
  const agent = new https.Agent({ keepAlive: true, timeout: 3_000 });
  assert.deepEqual(await namesOf(secure, '/', agent, 'localhost'), ['connect_ms', 'dns_ms', ...IDENTITY, 'tls_ms']);
  assert.deepEqual(await namesOf(secure, '/', agent, 'localhost'), REUSED);
  assert.deepEqual(await namesOf(secure, '/', agent), ['connect_ms', ...IDENTITY, 'tls_ms']);
  agent.destroy();
});

test('essential: a queued request adds the time that it waited', async () => {
  const agent = new Agent({ keepAlive: true, timeout: 3_000, maxSockets: 1 });
  const spans = await spansOf(SpanKind.CLIENT, 2, () =>
    Promise.all([ask(server, '/?wait=20', { agent }), ask(server, '/', { agent })]),
  );
  const names = spans.map((span) => Object.keys(socketAttributes(span)).map((name) => name.slice('socket.'.length)));
  assert.deepEqual(names[1], ['age_ms', 'id', 'idle_ms', 'queue_ms', 'reuse_count', 'reused']);
  agent.destroy();
});

const TIMEOUTS = ['client_timeout_ms', 'peer_timeout_ms', 'peer_timeout_source', 'timeout_mismatch'];

test('essential: a timeout mismatch adds both timeouts to the first span of each connection, and to no other', async () => {
  for (let round = 0; round < 2; round += 1) {
    const agent = new Agent({ keepAlive: true });
    const header = '/?header=timeout%3D60';
    assert.deepEqual(await namesOf(server, header, agent), ['connect_ms', ...IDENTITY, ...TIMEOUTS].sort());
    for (let i = 0; i < 2; i += 1) assert.deepEqual(await namesOf(server, header, agent), REUSED);
    agent.destroy();
  }
});

test('essential: a mismatch that is known later is shown once it is', async () => {
  const agent = new Agent({ keepAlive: true });
  const other = await startFactsServer();
  assert.deepEqual(await namesOf(other, '/', agent), ['connect_ms', ...IDENTITY].sort());
  assert.deepEqual(await namesOf(other, '/?header=timeout%3D60', agent), [...REUSED, ...TIMEOUTS].sort());
  assert.deepEqual(await namesOf(other, '/', agent), REUSED);
  agent.destroy();
  await other.stop();
});

test('full: every attribute on fresh and reused spans', async () => {
  mine.setConfig({ detail: 'full' });
  const agent = new Agent({ keepAlive: true, timeout: 3_000 });
  const limits = ['client_timeout_ms', 'peer_timeout_ms', 'peer_timeout_source', 'timeout_mismatch'];
  const header = '/?header=timeout%3D60';
  assert.deepEqual(
    await namesOf(server, header, agent),
    [...limits.slice(0, 1), 'connect_ms', ...IDENTITY, ...limits.slice(1)].sort(),
  );
  assert.deepEqual(await namesOf(server, header, agent), [...REUSED, 'idle_bucket', ...limits].sort());
  agent.destroy();
});

test('full: both ends of the connection, as the server sees them', async () => {
  mine.setConfig({ detail: 'full' });
  for (const target of [server, secure]) {
    const { span, seen } = await traced(target, '/', { agent: false });
    assert.equal(span.attributes['network.local.address'], '127.0.0.1');
    assert.equal(span.attributes['network.local.port'], seen.port);
    assert.equal(span.attributes['network.peer.address'], '127.0.0.1');
    assert.equal(span.attributes['network.peer.port'], target.at.port);
  }
});

test('durations are whole milliseconds, and the parts of the set-up do not exceed the whole', async () => {
  const startMs = performance.now();
  const { span } = await traced(secure, '/', { agent: false, host: 'localhost' });
  const wholeMs = performance.now() - startMs;
  const parts = ['dns', 'connect', 'tls'].map((part) => number(span, `socket.${part}_ms`));
  assert.ok(parts.every((ms) => ms >= 0));
  assert.ok(parts.reduce((sum, ms) => sum + ms, 0) <= wholeMs + 2);
});

test('HEAD, 204 and 304 have facts, and their connection goes back to the pool', async () => {
  const agent = new http.Agent({ keepAlive: true });
  for (const [i, [method, status]] of (
    [
      ['HEAD', 200],
      ['GET', 204],
      ['GET', 304],
      ['GET', 200],
    ] as const
  ).entries()) {
    const { span } = await traced(server, `/?status=${status}`, { agent, method });
    assert.equal(span.attributes['socket.reuse_count'], i);
    assert.equal(span.attributes['socket.failure.kind'], undefined);
  }
  agent.destroy();
});
