import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Origin } from '../src/connection/origin';
import { Origins } from '../src/connection/origins';

const MINUTE = 60_000;
const origin = () => new Origin('http://a:80', 'a', 80);

/** Idle closings by the peer, a minute apart. */
function closed(idleAges: readonly number[], uses = 3, apartMs = MINUTE): Origin {
  const known = origin();
  for (const [i, idleMs] of idleAges.entries()) known.closedIdle(i * apartMs, idleMs, uses);
  return known;
}

test('nothing is known about an origin at first', () => {
  const { rttMs, okIdleMs, recycleCount } = origin();
  assert.deepEqual(
    [rttMs, okIdleMs, recycleCount, origin().peerTimeout()],
    [undefined, undefined, undefined, undefined],
  );
});

test('an announced limit is known at once, and the last announcement counts', () => {
  const known = origin();
  known.announced(5_000);
  assert.deepEqual(known.peerTimeout(), { ms: 5_000, source: 'announced', closures: 0 });
  known.announced(60_000);
  assert.equal(known.peerTimeout()?.ms, 60_000);
});

test('a reuse well beyond the announced limit voids it until another one is announced', () => {
  const known = origin();
  known.announced(5_000);
  known.succeeded(0, 6_900);
  assert.equal(known.peerTimeout()?.ms, 5_000, 'a peer may grant a second or two');
  known.succeeded(0, 7_100);
  assert.equal(known.peerTimeout(), undefined);
  known.announced(5_000);
  assert.equal(known.peerTimeout(), undefined, 'the same header on every response changes nothing');
  known.announced(10_000);
  assert.equal(known.peerTimeout()?.ms, 10_000);
});

test('a fresh connection says nothing about idle limits', () => {
  const known = origin();
  known.announced(5_000);
  known.succeeded(10, undefined);
  assert.equal(known.peerTimeout()?.ms, 5_000);
  assert.deepEqual([known.lastOkMs, known.lastFreshOkMs, known.okIdleMs], [10, 10, undefined]);
});

test('a limit is observed from two idle closings that agree', () => {
  assert.equal(closed([5_003]).peerTimeout(), undefined);
  assert.deepEqual(closed([5_003, 5_010]).peerTimeout(), { ms: 5_010, source: 'observed', closures: 2 });
  assert.equal(closed([60_100, 60_000, 60_200]).peerTimeout()?.ms, 60_100);
});

test('the closing of a connection that never carried a request shows no idle limit', () => {
  assert.equal(closed([60_000, 60_001, 60_002], 0).peerTimeout(), undefined);
});

test('idle closings that disagree show no limit', () => {
  assert.equal(closed([5_000, 9_000]).peerTimeout(), undefined);
  assert.equal(closed([5_000, 5_000, 400]).peerTimeout(), undefined);
});

test('many closings of different idle ages in one moment are a restart, not a limit', () => {
  assert.equal(closed([1_000, 3_000, 5_000, 9_000], 3, 10).peerTimeout(), undefined);
  assert.equal(closed([5_000, 5_001, 5_002], 3, 10).peerTimeout()?.ms, 5_001, 'a burst of equal ages is a limit');
});

test('a restart beside closings at a limit does not hide the limit', () => {
  const known = closed([5_000, 5_001]);
  for (const idleMs of [700, 2_500, 4_000]) known.closedIdle(10 * MINUTE, idleMs, 3);
  assert.equal(known.peerTimeout()?.ms, 5_001);
});

test('a reuse that went well beyond an observed limit refutes it', () => {
  const known = closed([5_000, 5_001]);
  known.succeeded(0, 6_000);
  assert.equal(known.peerTimeout(), undefined);
});

test('the smaller of the announced and the observed limit counts', () => {
  const known = closed([5_000, 5_001]);
  known.announced(60_000);
  assert.deepEqual(known.peerTimeout(), { ms: 5_001, source: 'observed', closures: 2 });
  known.announced(4_000);
  assert.equal(known.peerTimeout()?.source, 'announced');
});

test('only the last closings count: memory is constant, and a new limit replaces an old one', () => {
  const known = closed(Array.from({ length: 500 }, (_, i) => 1_000 + (i % 2) * 9_000));
  assert.equal(known.peerTimeout(), undefined);
  for (let i = 0; i < 8; i++) known.closedIdle((1_000 + i) * MINUTE, 5_000, 3);
  assert.deepEqual(known.peerTimeout(), { ms: 5_000, source: 'observed', closures: 8 });
  for (let i = 0; i < 500; i++) known.cut(i * MINUTE, 30_000);
  assert.equal(known.cutsLike(30_000, 501 * MINUTE), 8);
});

test('a use count that repeats in closings of different idle ages is how often the peer uses a connection', () => {
  assert.equal(closed([500, 9_000, 70_000], 100).recycleCount, 100);
  assert.equal(closed([500, 9_000], 100).recycleCount, undefined, 'two are too few');
  assert.equal(closed([5_000, 5_001, 5_002], 100).recycleCount, undefined, 'the idle age repeats: that is a limit');
  assert.equal(closed([500, 9_000, 70_000], 1).recycleCount, undefined, 'every connection is used once');
  const known = closed([500, 9_000], 100);
  known.closedIdle(9 * MINUTE, 70_000, undefined);
  assert.equal(known.recycleCount, undefined, 'a connection of unknown history');
});

test('in-flight closings at one elapsed time are counted within 2 %', () => {
  const known = origin();
  for (const [i, elapsedMs] of [29_500, 30_500, 29_300, 60_000].entries()) known.cut(i * MINUTE, elapsedMs);
  assert.equal(known.cutsLike(30_000, 10 * MINUTE), 2);
  assert.equal(known.cutsLike(45_000, 10 * MINUTE), 0);
  assert.equal(known.cutsLike(50, 10 * MINUTE), 0, 'nobody limits requests to so little');
});

test('in-flight closings of one moment count as one', () => {
  const known = origin();
  for (let i = 0; i < 5; i++) known.cut(MINUTE + i, 30_000);
  assert.equal(known.cutsLike(30_000, MINUTE + 500), 0, 'they are this very event');
  assert.equal(known.cutsLike(30_000, 3 * MINUTE), 1);
});

test('requests of other ages that die in the same moment tell a restart from a time limit', () => {
  const known = origin();
  for (const elapsedMs of [300, 900, 2_010]) known.cut(MINUTE, elapsedMs);
  assert.equal(known.cutsBeside(MINUTE - 2_000, MINUTE), 2, 'the third died at the same age');
  assert.equal(known.cutsBeside(MINUTE + 1, MINUTE + 500), 0, 'it was acquired after they died');
  assert.equal(known.cutsBeside(0, 2 * MINUTE), 0, 'that was a minute ago');
});

test('the round trip is the fastest of at least three connects', () => {
  const known = origin();
  assert.equal(known.connectMs, 0);
  known.connected(40);
  known.connected(38);
  assert.deepEqual([known.rttMs, known.connectMs], [undefined, 38]);
  known.connected(250);
  assert.equal(known.rttMs, 38);
});

test('origins are told apart by scheme, host and port', () => {
  const origins = new Origins();
  const a = origins.of('http:', 'a', 80);
  assert.equal(origins.of('http:', 'a', 80), a);
  assert.notEqual(origins.of('https:', 'a', 80), a);
  assert.notEqual(origins.of('http:', 'a', 81), a);
  assert.notEqual(origins.of('http:', 'a', undefined), a);
  assert.equal(origins.size, 4);
});

test('the 1000 origins used most recently are remembered', () => {
  const origins = new Origins();
  const first = origins.of('http:', 'host0', 80);
  const second = origins.of('http:', 'host1', 80);
  for (let i = 2; i < 1_000; i++) origins.of('http:', `host${i}`, 80);
  origins.touch(first);
  origins.of('http:', 'one more', 80);
  assert.equal(origins.size, 1_000);
  assert.equal(origins.of('http:', 'host0', 80), first);
  assert.notEqual(origins.of('http:', 'host1', 80), second, 'the least recently used one was forgotten');
});

test('an origin that was forgotten and is still in use comes back', () => {
  const origins = new Origins(1);
  const first = origins.of('http:', 'a', 80);
  origins.of('http:', 'b', 80);
  origins.touch(first);
  assert.equal(origins.of('http:', 'a', 80), first);
  assert.equal(origins.size, 1);
});
