import '../support/clocks';
import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { setWallAhead, stopClocksAt } from '../support/clocks';
import { type FactsServer, number, startFactsServer, traced } from '../support/facts/facts-server';
import { instrument } from '../support/facts/facts-setup';

const { mine } = instrument();

let server: FactsServer;
before(async () => {
  server = await startFactsServer();
});
after(() => server.stop());

test('a reuse above the advised idle timeout is a near miss, and brings the details with it', async () => {
  mine.setConfig({ detail: 'essential' });
  // The client's limit is below the peer's: no mismatch, so that the details are the near miss's.
  const careful = new Agent({ keepAlive: true, timeout: 1_900 });
  for (const waitMs of [0, 300, 1_050]) {
    // In an order in which Node does not read it: it would lower the agent's limit to a second.
    await traced(server, '/?header=max%3D9,timeout%3D2', { agent: careful });
    await delay(waitMs);
    const { span } = await traced(server, '/', { agent: careful });
    const isNear = number(span, 'socket.idle_ms') > 1_000;
    assert.ok(isNear || waitMs < 1_000);
    assert.equal(span.attributes['socket.near_miss'], isNear || undefined);
    assert.equal(span.attributes['socket.idle_bucket'], isNear ? '1-4s' : undefined);
    assert.equal(span.attributes['socket.peer_timeout_ms'], isNear ? 2_000 : undefined);
    assert.equal(span.attributes['socket.client_timeout_ms'], isNear ? 1_900 : undefined);
  }
  careful.destroy();
  mine.setConfig({ detail: 'full' });
});

/** Lets the wall clock run ahead of the monotonic one, as it does while a process is suspended. */
function suspend(ms: number): () => void {
  setWallAhead(ms);
  return () => setWallAhead(0);
}

for (const [ms, bucket] of [
  [3_000, '1-4s'],
  [90_000, '60-120s'],
  [3_600_000, '>350s'],
] as const) {
  test(`the idle age across a suspension of ${ms} ms is that of the wall clock`, async () => {
    const agent = new Agent({ keepAlive: true });
    await traced(server, '/', { agent });
    const resume = suspend(ms);
    const { span } = await traced(server, '/', { agent });
    resume();
    const idle = number(span, 'socket.idle_ms');
    assert.ok(idle >= ms - 1 && idle < ms + 1_000, `${idle}`);
    assert.equal(span.attributes['socket.idle_bucket'], bucket);
    agent.destroy();
  });
}

for (const ms of [-3_600_000, -5_000, 500]) {
  test(`a wall clock that moves by ${ms} ms is no suspension`, async () => {
    const agent = new Agent({ keepAlive: true });
    await traced(server, '/', { agent });
    const resume = suspend(ms);
    const { span } = await traced(server, '/', { agent });
    resume();
    assert.ok(number(span, 'socket.idle_ms') < 400);
    agent.destroy();
  });
}

test('a wall clock that is set while a connection is idle makes no near miss', async () => {
  const agent = new Agent({ keepAlive: true });
  await traced(server, '/?header=timeout%3D5', { agent });
  for (const [ms, isNear] of [
    [4_800, true],
    [600_000, undefined],
  ] as const) {
    const resume = suspend(ms);
    const { span } = await traced(server, '/', { agent });
    resume();
    assert.equal(span.attributes['socket.near_miss'], isNear, `${ms} ms`);
  }
  agent.destroy();
});

test('a reuse well beyond the announced idle timeout voids it, until it is announced anew', async () => {
  const agent = new Agent({ keepAlive: true });
  const header = '/?header=timeout%3D3';
  const first = await traced(server, header, { agent });
  assert.equal(first.span.attributes['socket.peer_timeout_ms'], 3_000);
  const resume = suspend(60_000);
  const stepped = await traced(server, '/', { agent });
  resume();
  assert.equal(stepped.span.attributes['socket.peer_timeout_ms'], 3_000, 'a wall clock that is stepped voids nothing');
  stopClocksAt(performance.now() + 60_000);
  const { span, seen } = await traced(server, '/', { agent });
  stopClocksAt(undefined);
  assert.equal(seen.number, 2);
  assert.equal(span.attributes['socket.peer_timeout_ms'], undefined);
  assert.equal(span.attributes['socket.near_miss'], undefined);
  const same = await traced(server, header, { agent });
  assert.equal(same.span.attributes['socket.peer_timeout_ms'], undefined);
  const other = await traced(server, '/?header=timeout%3D30', { agent });
  assert.equal(other.span.attributes['socket.peer_timeout_ms'], 30_000);
  agent.destroy();
});

test('a reuse has no idle age if the release was not observed', async () => {
  const agent = new Agent({ keepAlive: true });
  const own: Socket[] = [];
  agent.removeAllListeners('free');
  agent.on('free', (socket: Socket) => own.push(socket));
  // The agent takes what the program kept for a new connection.
  Object.assign(agent, { createConnection: (options: NetConnectOpts) => own.pop() ?? connect(options) });
  await traced(server, '/', { agent });
  await delay(300);
  const { span } = await traced(server, '/', { agent });
  assert.equal(span.attributes['socket.reuse_count'], 1);
  assert.equal(span.attributes['socket.idle_ms'], undefined);
  for (const socket of own) socket.destroy();
});
