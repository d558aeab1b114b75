import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Closing } from '../../src/connection/closing';
import { Connection } from '../../src/connection/connection';
import { Exchange } from '../../src/connection/exchange';
import { Origin } from '../../src/peer/origin';

const CLOSING: Closing = { atMs: 0, initiator: 'remote', how: 'fin' };
const EVENTS = ['resolved', 'connected', 'secured', 'acquire', 'wrote', 'release', 'close'] as const;

/** Steps of both clocks, in ms: none, forward, a suspension, backward; the monotonic one may lie as well. */
const step = fc.oneof(
  fc.constant(0),
  fc.double({ min: 0, max: 5_000, noNaN: true }),
  fc.integer({ min: -90_000_000, max: 90_000_000 }),
);
const event = fc.record({ name: fc.constantFrom(...EVENTS), step, wallStep: step });
const life = fc.record({
  secure: fc.boolean(),
  adopted: fc.boolean(),
  events: fc.array(event, { maxLength: 40 }),
});

test('any order of events leaves counts and ages at whole numbers from zero up', () => {
  fc.assert(
    fc.property(life, ({ events, ...options }) => {
      let nowMs = 1_000;
      let wallMs = 1_700_000_000_000;
      let writes = 0;
      const connection = new Connection(1, nowMs, options);
      const origin = new Origin('http://a', 'a', 80);
      origin.announced(5_000);
      connection.origin = origin;
      for (const { name, step, wallStep } of events) {
        nowMs += step;
        wallMs += wallStep;
        if (name === 'acquire') {
          const exchange = new Exchange('client', 'GET', nowMs);
          exchange.queued = true;
          exchange.acquire(connection, nowMs, wallMs);
          for (const succeeded of [true, false]) {
            for (const [field, value] of Object.entries(exchange.facts(succeeded))) {
              if (typeof value === 'number') assert.ok(Number.isInteger(value) && value >= 0, `${field} ${value}`);
            }
            assert.equal(exchange.facts(succeeded).reuseCount ?? writes, writes);
          }
        } else if (name === 'wrote') {
          connection.wrote();
          writes += 1;
        } else if (name === 'release') connection.release(nowMs, wallMs);
        else if (name === 'close') connection.close({ ...CLOSING, atMs: nowMs });
        else connection[name](nowMs);
      }
      const closed = events.some(({ name }) => name === 'close');
      assert.equal(connection.state === 'closed', closed);
    }),
    { numRuns: 2_000 },
  );
});

function connected(options = {}): Connection {
  const connection = new Connection(7, 100, options);
  connection.connected(110);
  connection.secured(130);
  return connection;
}

test('a connection goes from connecting to active, idle, active and closed, and stays closed', () => {
  const connection = new Connection(1, 0);
  const states = [connection.state];
  const exchange = new Exchange('client', 'GET', 0);
  const steps = [
    () => connection.connected(1),
    () => connection.release(2, 2),
    () => connection.acquire(exchange),
    () => connection.close(CLOSING),
    () => connection.release(3, 3),
    () => connection.acquire(exchange),
  ];
  for (const run of steps) {
    run();
    states.push(connection.state);
  }
  assert.deepEqual(states, ['connecting', 'active', 'idle', 'active', 'closed', 'closed', 'closed']);
});

test('an acquire without a write is not a use: the next request is the first', () => {
  const connection = connected();
  new Exchange('client', 'GET', 130).acquire(connection, 130, 130);
  connection.release(140, 140);
  const next = new Exchange('client', 'GET', 150);
  next.acquire(connection, 150, 150);
  const { reuseCount, reused, idleMs } = next.facts(true);
  assert.deepEqual({ reuseCount, reused, idleMs }, { reuseCount: 0, reused: false, idleMs: undefined });
});

test('the set-up is split into dns, connect and tls, and the age counts from the end of the handshake', () => {
  const connection = new Connection(1, 0, { secure: true });
  const stages = [connection.stage];
  connection.resolved(5);
  stages.push(connection.stage);
  connection.connected(12);
  stages.push(connection.stage);
  assert.equal(connection.ageMs(20), undefined);
  connection.secured(30);
  stages.push(connection.stage);
  assert.deepEqual(stages, ['connect', 'connect', 'tls', 'ready']);
  const { dnsMs, connectMs, tlsMs } = connection;
  assert.deepEqual({ dnsMs, connectMs, tlsMs }, { dnsMs: 5, connectMs: 7, tlsMs: 18 });
  assert.equal(connection.ageMs(100), 70);
});

test('a connection whose request is gone before it was connected is idle from the start', () => {
  const connection = new Connection(1, 0);
  connection.release(1, 1);
  connection.connected(2);
  assert.equal(connection.state, 'idle');
});

test('the first closing stands', () => {
  const connection = connected();
  connection.close(CLOSING);
  connection.close({ atMs: 9, initiator: 'local', how: 'agent' });
  assert.equal(connection.closing, CLOSING);
});

test('an idle age across a suspension is that of the wall clock, and otherwise of the monotonic clock', () => {
  const idle = (nowMs: number, wallMs: number) => {
    const connection = connected();
    connection.release(1_000, 50_000);
    return connection.idleMs(nowMs, wallMs);
  };
  assert.equal(idle(1_500, 50_500), 500);
  assert.equal(idle(1_500, 51_400), 500, 'clocks drift');
  assert.equal(idle(1_500, 650_000), 600_000, 'suspended');
  assert.equal(idle(1_500, 10_000), 500, 'the wall clock was set back');
  assert.equal(idle(900, 50_000), 0);
});

test('the history of a connection that is older than the instrumentation is unknown', () => {
  const connection = new Connection(1, 0, { adopted: true });
  connection.uses = undefined;
  const exchange = new Exchange('client', 'GET', 5);
  exchange.acquire(connection, 5, 5);
  exchange.wrote(6, 0);
  const { reuseCount, reused, idleMs } = exchange.facts(true);
  assert.deepEqual({ reuseCount, reused, idleMs }, { reuseCount: undefined, reused: true, idleMs: undefined });
});

test('a request that never got a connection has neither number nor counts', () => {
  const exchange = new Exchange('client', 'GET', 0);
  exchange.acquire(new Connection(1, 0), 0, 0);
  assert.deepEqual(exchange.facts(false), {});
});
