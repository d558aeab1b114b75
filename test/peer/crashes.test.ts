import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Origin } from '../../src/peer/origin';

const CLOSING = { lateMs: 0, idleMs: 5_000, ageMs: 5_000, uses: 1 };
const AT = [60_000, 120_000, 180_000];
const IN_FLIGHT = { elapsedMs: 900, silentMs: 900, connectionId: undefined, connectionMs: 5_000 };

test('idle connections that end together with a request teach no timeout, in whatever order they are seen', () => {
  const crashes = [new Origin('a', 'a', 1), new Origin('b', 'b', 2)] as const;
  for (const atMs of AT) {
    crashes[0].closedIdle({ ...CLOSING, atMs });
    crashes[0].closedInFlight({ ...IN_FLIGHT, atMs: atMs + 5 }, true);
    crashes[1].closedInFlight({ ...IN_FLIGHT, atMs }, true);
    crashes[1].closedIdle({ ...CLOSING, atMs: atMs + 5 });
  }
  for (const origin of crashes) assert.equal(origin.peerTimeout(), undefined);
  const calm = new Origin('c', 'c', 3);
  for (const atMs of AT) {
    calm.closedIdle({ ...CLOSING, atMs });
    calm.closedInFlight({ ...IN_FLIGHT, atMs: atMs + 500 }, true);
  }
  assert.equal(calm.peerTimeout()?.ms, 5_000, 'a request that ended at another time has nothing to do with them');
});

test('idle connections that ended before a connect was refused teach no timeout', () => {
  const origin = new Origin('a', 'a', 1);
  for (const atMs of AT) {
    origin.closedIdle({ ...CLOSING, atMs });
    origin.refused(atMs + 300);
  }
  assert.equal(origin.peerTimeout(), undefined);
});

test('a machine that refuses says nothing about another one of the same name', () => {
  const origin = new Origin('a', 'a', 1);
  origin.refused(1_000, '10.0.0.1');
  assert.equal(origin.isRefusing(1_500, '10.0.0.2'), false);
  assert.equal(origin.isRefusing(1_500, '10.0.0.1'), true);
  assert.equal(origin.isRefusing(1_500), true, 'which machine it was is not known');
  assert.equal(origin.isRefusing(1_500, '10.0.0.1', 1_400), false, 'it accepted a connection after that');
});

test('a peer that never answered on a reused connection retires each after its first answer', () => {
  const origin = new Origin('a', 'a', 1);
  origin.unansweredReuses = 2;
  assert.equal(origin.isRetired(1, 100), true);
  assert.equal(origin.isRetired(2, 100), false);
  origin.succeeded(1_000, 500);
  assert.equal(origin.isRetired(1, 100), false);
});
