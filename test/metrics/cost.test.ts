import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { type BatchObservableCallback, type MeterProvider, metrics } from '@opentelemetry/api';
import { SocketInstrumentation } from '../../src/index';
import { processState } from '../../src/observe/process/process-state';
import { talliesIn } from '../../src/report/tally';
import { exchange, type Peer, startPeer } from '../support/peer';
import { COPIES } from '../support/undici-copies';

/** What was asked of a meter since the last look: instruments made, callbacks added, and `record()` calls by instrument. */
let calls: Record<string, number> = {};
const count = (what: string) => {
  calls[what] = (calls[what] ?? 0) + 1;
};

const instrument = (name: string) => {
  count('instruments');
  return { record: () => count(name), add: () => count(name) };
};
const meter = {
  createHistogram: instrument,
  createObservableGauge: instrument,
  createObservableCounter: instrument,
  createObservableUpDownCounter: instrument,
  addBatchObservableCallback(callback: BatchObservableCallback) {
    count('callbacks');
    collect = () => callback({ observe: () => undefined });
  },
  removeBatchObservableCallback: () => undefined,
};
/** The SDK collects. */
let collect: () => unknown = () => undefined;
metrics.setGlobalMeterProvider({ getMeter: () => meter } as unknown as MeterProvider);

function taken(): Record<string, number> {
  const seen = calls;
  calls = {};
  return seen;
}

const CLOSE = { 'http.client.connection.duration': 1, 'socket.connection.requests': 1 };
let peer: Peer;
before(async () => {
  peer = await startPeer();
});
after(() => peer.stop());

/** A way to make one request over a pool of its own; resolves when it is over and the pool has seen it. */
interface Way {
  readonly name: string;
  open(): { send(target: string): Promise<unknown>; close(): Promise<unknown> };
}

const WAYS: readonly Way[] = [
  {
    name: 'http',
    open() {
      const agent = new http.Agent({ keepAlive: true });
      const close = async () => agent.destroy();
      return { send: (target) => exchange(peer, target, { agent }), close };
    },
  },
  ...COPIES.map(({ name, copy }) => ({
    name,
    open() {
      const dispatcher = new copy.Agent({ connections: 1 });
      const send = async (target: string) => {
        const answer = await copy.request(`http://127.0.0.1:${peer.port}${target}`, { dispatcher });
        return answer.body.text();
      };
      return { send: (target: string) => send(target).catch(String), close: () => dispatcher.destroy() };
    },
  })),
];

for (const { name, open } of WAYS) {
  test(`${name}: a reuse is recorded once, whether it goes well, fails or is cut; nothing else is paid for`, async () => {
    const instrumentation = new SocketInstrumentation();
    const { send, close } = open();
    taken();
    await send('/ok');
    assert.deepEqual(taken(), { instruments: 9, callbacks: 1 });
    for (let i = 0; i < 50; i += 1) await send('/ok');
    assert.deepEqual(taken(), {}, 'the SDK is told when it collects');
    collect();
    assert.deepEqual(taken(), { 'socket.idle': 50 });
    for (let i = 0; i < 100; i += 1) await send('/ok');
    assert.deepEqual(taken(), { 'socket.idle': 64 }, 'or when there are many');
    collect();
    assert.deepEqual(taken(), { 'socket.idle': 36 });
    for (const target of ['/drop-fin', '/drop-rst', '/cut-fin', '/cut-rst']) {
      await send(target);
      collect();
      assert.deepEqual(taken(), { 'socket.idle': 1, ...CLOSE }, `${target}, reused`);
      await send(target);
      collect();
      assert.deepEqual(taken(), CLOSE, `${target}, fresh: its connection's end, and nothing for the request`);
      await send('/ok');
      assert.deepEqual(taken(), {});
    }
    await close();
    assert.deepEqual(taken(), CLOSE);
    instrumentation.disable();
  });
}

test('a request that never gets a connection pays for none', async () => {
  const instrumentation = new SocketInstrumentation();
  const gone = await startPeer();
  await gone.stop();
  taken();
  await exchange(gone, '/ok');
  assert.deepEqual(taken(), { instruments: 9, callbacks: 1 });
  instrumentation.disable();
});

for (const { name, open } of WAYS) {
  test(`${name}: metrics: false makes no instrument, no callback and no table, and keeps no connection that is closed`, async () => {
    const tables = () => [...talliesIn(processState).measure([], 1_000)].length;
    const before = tables();
    const instrumentation = new SocketInstrumentation({ metrics: false });
    instrumentation.setMeterProvider({ getMeter: () => meter } as unknown as MeterProvider);
    const other = await startPeer();
    taken();
    const agent = new http.Agent({ keepAlive: true });
    const { send, close } = open();
    for (const target of ['/ok', '/ok', '/drop-fin', '/ok', '/cut-rst', '/ok']) {
      await send(target);
      await exchange(other, target, { agent });
    }
    assert.equal(processState.open.size, 2, 'verdicts look at those that are open');
    const others = new SocketInstrumentation({ metrics: false });
    instrumentation.disable();
    assert.equal(processState.open.size, 2, 'another instance observes them');
    others.disable();
    assert.equal(processState.open.size, 0, 'nothing is left after disable()');
    instrumentation.enable();
    assert.equal(tables(), before);
    await close();
    agent.destroy();
    await new Promise(setImmediate);
    assert.equal(processState.open.size, 0);
    await other.stop();
    assert.deepEqual(taken(), {});
    instrumentation.disable();
    assert.deepEqual(taken(), {});
  });
}

test('an instance with metrics that takes over from one without counts the connections that are open', async () => {
  const first = new SocketInstrumentation({ metrics: false });
  const second = new SocketInstrumentation();
  const agent = new http.Agent({ keepAlive: true });
  await exchange(peer, '/ok', { agent });
  first.disable();
  await exchange(peer, '/ok', { agent });
  assert.equal(processState.open.size, 1);
  const [socket] = Object.values(agent.freeSockets).flat();
  assert.ok(socket);
  agent.destroy();
  await once(socket, 'close');
  assert.equal(processState.open.size, 0);
  second.disable();
});
