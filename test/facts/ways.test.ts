import assert from 'node:assert/strict';
import { once } from 'node:events';
import http, { Agent } from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { SpanKind } from '@opentelemetry/api';
import { ask, type FactsServer, number, startFactsServer, traced } from '../support/facts/facts-server';
import { instrument } from '../support/facts/facts-setup';
import { spansOf } from '../support/sdk';

instrument();

let server: FactsServer;
before(async () => {
  server = await startFactsServer();
});
after(() => server.stop());

/** Occupies `count` connections at once, one after the other in time of release. */
const spread = (agent: Agent, count: number) =>
  Promise.all(Array.from({ length: count }, (_, i) => ask(server, `/?wait=${10 + i * 40}`, { agent })));

test('a new connection has reuse_count 0, no idle age and no age', async () => {
  const agent = new Agent({ keepAlive: true });
  const { span, seen } = await traced(server, '/', { agent });
  assert.equal(span.attributes['socket.reuse_count'], 0);
  assert.equal(span.attributes['socket.reused'], false);
  assert.equal(span.attributes['network.local.port'], seen.port);
  for (const absent of ['idle_ms', 'idle_bucket', 'age_ms', 'queue_ms', 'tls_ms', 'dns_ms']) {
    assert.equal(span.attributes[`socket.${absent}`], undefined, absent);
  }
  assert.ok(number(span, 'socket.connect_ms') >= 0);
  agent.destroy();
});

for (const scheduling of ['lifo', 'fifo'] as const) {
  test(`a connection from a ${scheduling} pool has the count and age of its own`, async () => {
    const agent = new Agent({ keepAlive: true, scheduling });
    const used = await spread(agent, 3);
    for (let round = 1; round <= 3; round++) {
      const { span, seen } = await traced(server, '/', { agent });
      assert.equal(span.attributes['socket.reuse_count'], seen.number);
      assert.equal(span.attributes['socket.reused'], true);
      assert.equal(span.attributes['network.local.port'], seen.port);
      const expected = scheduling === 'lifo' ? used[2] : used[round - 1];
      assert.equal(seen.port, expected?.port);
      assert.ok(number(span, 'socket.idle_ms') <= number(span, 'socket.age_ms'));
      assert.equal(span.attributes['socket.connect_ms'], undefined);
      assert.equal(span.attributes['socket.queue_ms'], undefined);
    }
    agent.destroy();
  });
}

test('a socket that goes straight to a queued request was not idle, and counts', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const spans = await spansOf(SpanKind.CLIENT, 4, () =>
    Promise.all([50, 0, 0, 0].map((wait) => ask(server, `/?wait=${wait}`, { agent }))),
  );
  assert.deepEqual(
    spans.map((span) => span.attributes['socket.reuse_count']),
    [0, 1, 2, 3],
  );
  assert.equal(new Set(spans.map((span) => span.attributes['socket.id'])).size, 1);
  assert.equal(spans[0]?.attributes['socket.queue_ms'], undefined);
  for (const span of spans.slice(1)) {
    assert.ok(number(span, 'socket.idle_ms') <= 30);
    assert.ok(number(span, 'socket.queue_ms') >= 40);
  }
  agent.destroy();
});

test('agent: false and an agent without keep-alive make a connection for each request', async () => {
  const agent = new Agent();
  for (const each of [false, false, agent, agent] as const) {
    const { span, seen } = await traced(server, '/', { agent: each });
    assert.equal(seen.number, 0);
    assert.equal(span.attributes['socket.reuse_count'], 0);
    assert.equal(span.attributes['socket.client_timeout_ms'], undefined);
  }
});

test('a queued request that gets a connection of its own had waited, and is the first on it', async () => {
  const agent = new Agent({ maxSockets: 1 });
  const spans = await spansOf(SpanKind.CLIENT, 2, () =>
    Promise.all([ask(server, '/?wait=40&close', { agent }), ask(server, '/?close', { agent })]),
  );
  assert.equal(spans[1]?.attributes['socket.reuse_count'], 0);
  assert.ok(spans[1] !== undefined && number(spans[1], 'socket.queue_ms') >= 30);
});

test('createConnection may return a socket that is connecting', async () => {
  const createConnection = () => net.connect(server.at as net.TcpNetConnectOpts);
  const { span, seen } = await traced(server, '/', { createConnection });
  assert.equal(span.attributes['socket.reuse_count'], 0);
  assert.equal(span.attributes['network.local.port'], seen.port);
  assert.ok(number(span, 'socket.connect_ms') >= 0);
});

for (const [handMs, isSeen] of [
  [20, true],
  [undefined, false],
] as const)
  test(`createConnection may hand a socket over that began to connect before: its times are ${isSeen ? '' : 'un'}known`, async () => {
    const lookup: net.LookupFunction = (_, { all }, done) =>
      setTimeout(
        () => (all === true ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4)),
        60,
      );
    const { port } = server.at as net.TcpNetConnectOpts;
    const options: http.RequestOptions = {
      createConnection: (_, done) => {
        const socket = net.connect({ host: 'peer.test', port, lookup });
        if (handMs === undefined) socket.once('lookup', () => process.nextTick(done, null, socket));
        else setTimeout(done, handMs, null, socket);
        return undefined;
      },
    };
    const { span } = await traced(server, '/', options);
    if (isSeen) assert.ok(number(span, 'socket.dns_ms') >= 55);
    else
      for (const absent of ['dns_ms', 'connect_ms'])
        assert.equal(span.attributes[`socket.${absent}`], undefined, absent);
  });

test('a connection that the program had made before is as old as its socket', async () => {
  const socket = net.connect(server.at as net.TcpNetConnectOpts);
  await delay(60);
  const { span } = await traced(server, '/', { createConnection: () => socket });
  assert.ok(number(span, 'socket.age_ms') >= 50);
  assert.equal(span.attributes['socket.reused'], false);
});

test('createConnection may return a socket that is connected, used or not', async () => {
  const socket = net.connect(server.at as net.TcpNetConnectOpts);
  await once(socket, 'connect');
  const createConnection = () => socket;
  const headers = { connection: 'keep-alive' };
  for (const count of [0, 1, 2]) {
    const { span, seen } = await traced(server, '/', { createConnection, headers });
    assert.equal(seen.number, count);
    assert.equal(span.attributes['socket.reuse_count'], count);
    assert.ok(number(span, 'socket.age_ms') >= 0);
    assert.equal(span.attributes['socket.connect_ms'], undefined);
  }
  socket.destroy();
});

test('a Unix socket has a count and an idle age, and no addresses', async () => {
  const socketPath = path.join(os.tmpdir(), `facts-${process.pid}.sock`);
  const unix = await startFactsServer({ socketPath });
  const agent = new Agent({ keepAlive: true });
  for (const count of [0, 1]) {
    const { span } = await traced(unix, '/', { agent });
    assert.equal(span.attributes['socket.reuse_count'], count);
    assert.equal(span.attributes['socket.dns_ms'], undefined);
    for (const name of ['local.address', 'local.port', 'peer.address', 'peer.port']) {
      assert.equal(span.attributes[`network.${name}`], undefined, name);
    }
  }
  agent.destroy();
  await unix.stop();
});

test('a request aborted in its first tick is not a use', async () => {
  const agent = new Agent({ keepAlive: true });
  const abort = async () => {
    const request = http.get({ ...server.at, agent });
    request.destroy();
    await once(request, 'error');
    await new Promise(setImmediate);
  };
  await abort();
  for (let i = 0; i < 3; i++) {
    const { span, seen } = await traced(server, '/', { agent });
    assert.equal(span.attributes['socket.reuse_count'], seen.number);
    assert.equal(span.attributes['socket.reused'], seen.number > 0);
    assert.equal(span.attributes['network.local.port'], seen.port);
    if (seen.number > 0) assert.ok(number(span, 'socket.idle_ms') >= 0);
    await abort();
  }
  agent.destroy();
});
