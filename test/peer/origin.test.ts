import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Origin } from '../../src/peer/origin';

const MINUTE = 60_000;
const origin = () => new Origin('http://a:80', 'a', 80);

/** Idle closings by the peer, a minute apart. */
function closed(idleAges: readonly number[], uses = 3, apartMs = MINUTE): Origin {
  const known = origin();
  for (const [i, idleMs] of idleAges.entries())
    known.closedIdle({ lateMs: 0, atMs: i * apartMs, idleMs, uses, ageMs: undefined });
  return known;
}

test('nothing is known about an origin at first', () => {
  const known = origin();
  assert.deepEqual(
    [known.rttMs, known.okIdleMs(0), known.isRetired(3, 3_000), known.peerTimeout()],
    [undefined, 100, false, undefined],
  );
});

test('an announced idle timeout is known at once, and the last announcement counts', () => {
  const known = origin();
  known.announced(5_000);
  assert.deepEqual(known.peerTimeout(), { ms: 5_000, source: 'announced', advisedMs: 4_000, closures: 0, spreadMs: 0 });
  known.announced(60_000);
  assert.equal(known.peerTimeout()?.ms, 60_000);
});

test('a reuse well beyond the announced idle timeout voids it until another one is announced', () => {
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

test('a fresh connection says nothing about idle timeouts', () => {
  const known = origin();
  known.announced(5_000);
  known.succeeded(10, undefined);
  assert.equal(known.peerTimeout()?.ms, 5_000);
  assert.deepEqual([known.lastOkMs, known.lastFreshOkMs, known.okIdleMs(10)], [10, 10, 100]);
});

test('closings too early for any idle timeout show none', () => {
  assert.equal(closed([1, 2, 1, 3]).peerTimeout(), undefined);
});

test('an idle timeout is observed from two idle closings that agree', () => {
  assert.equal(closed([5_003]).peerTimeout(), undefined);
  assert.deepEqual(closed([5_003, 5_010]).peerTimeout(), {
    ms: 5_003,
    source: 'observed',
    advisedMs: 4_003,
    closures: 2,
    spreadMs: 7,
  });
  assert.equal(closed([60_100, 60_000, 60_200], 3, 2 * MINUTE).peerTimeout()?.ms, 60_000);
});

test('the closing of a connection that never carried a request shows no idle timeout', () => {
  assert.equal(closed([60_000, 60_001, 60_002], 0).peerTimeout(), undefined);
});

test('idle closings that disagree show no idle timeout', () => {
  assert.equal(closed([5_000, 9_000]).peerTimeout(), undefined);
  assert.equal(closed([5_000, 5_000, 400]).peerTimeout(), undefined);
});

test('many closings in one moment are a restart, not an idle timeout, and one event at most', () => {
  assert.equal(closed([1_000, 3_000, 5_000, 9_000], 3, 10).peerTimeout(), undefined);
  assert.equal(closed([5_000, 5_001, 5_002], 3, 10).peerTimeout(), undefined, 'idle since one moment, too');
});

test('an idle timeout shorter than a second is learned from connections that were idle one after the other', () => {
  assert.equal(closed([300, 304], 3, 350).peerTimeout()?.ms, 300);
});

test('a restart beside closings at an idle timeout does not hide it', () => {
  const known = closed([5_000, 5_001]);
  for (const idleMs of [700, 2_500, 4_000])
    known.closedIdle({ lateMs: 0, atMs: 10 * MINUTE, idleMs, uses: 3, ageMs: undefined });
  assert.equal(known.peerTimeout()?.ms, 5_000);
});

test('a connection that lived longer than an observed idle timeout refutes it, until it is changed', () => {
  const known = closed([5_000, 5_001]);
  known.succeeded(2 * MINUTE, 6_000);
  assert.equal(known.peerTimeout(), undefined);
  const ours = closed([5_000, 5_001]);
  ours.survived(2 * MINUTE, 30_000);
  assert.equal(ours.peerTimeout(), undefined, 'our pool closed it, the peer had let it live');
  const late = closed([5_000, 5_001]);
  late.succeeded(-MINUTE, 60_000);
  assert.equal(late.peerTimeout()?.ms, 5_000, 'that was before the first of these closings');
});

test('a new configuration: the old idle timeout is given up at once, the new one learned from four closings', () => {
  const known = closed([5_000, 5_001, 5_002]);
  for (let i = 3; i < 7; i++) {
    known.closedIdle({ lateMs: 0, atMs: i * MINUTE, idleMs: 2_000 + i, uses: 3, ageMs: undefined });
    assert.equal(known.peerTimeout()?.ms, i < 6 ? undefined : 2_003);
  }
});

test('several proxies with different idle timeouts behind one name show no idle timeout', () => {
  for (const ages of [
    [2_000, 5_000, 2_000, 5_000],
    [5_000, 2_000, 2_000],
    [2_000, 2_001, 5_000, 5_001, 2_000, 5_000, 2_000, 2_001],
  ])
    assert.equal(closed(ages).peerTimeout(), undefined, ages.join());
});

test('a closing that this busy process may have seen late neither shows an idle timeout nor refutes one', () => {
  const known = closed([5_000, 5_001]);
  known.closedIdle({ atMs: 9 * MINUTE, idleMs: 5_900, lateMs: 950, uses: 3, ageMs: undefined });
  assert.deepEqual(known.peerTimeout(), { ms: 5_000, source: 'observed', advisedMs: 4_000, closures: 2, spreadMs: 1 });
  known.closedIdle({ atMs: 10 * MINUTE, idleMs: 5_900, lateMs: 100, uses: 3, ageMs: undefined });
  assert.equal(known.peerTimeout(), undefined);
});

test('the smaller of the announced and the observed idle timeout counts', () => {
  const known = closed([5_000, 5_001]);
  known.announced(60_000);
  assert.deepEqual(known.peerTimeout(), { ms: 5_000, source: 'observed', advisedMs: 4_000, closures: 2, spreadMs: 1 });
  known.announced(4_000);
  assert.equal(known.peerTimeout()?.source, 'announced');
});

test('only the last closings count: memory is constant, and a new idle timeout replaces an old one', () => {
  const known = closed(Array.from({ length: 500 }, (_, i) => 1_000 + (i % 2) * 9_000));
  assert.equal(known.peerTimeout(), undefined);
  for (let i = 0; i < 8; i++)
    known.closedIdle({ lateMs: 0, atMs: (1_000 + i) * MINUTE, idleMs: 5_000, uses: 3, ageMs: undefined });
  assert.deepEqual(known.peerTimeout(), { ms: 5_000, source: 'observed', advisedMs: 4_000, closures: 8, spreadMs: 0 });
});

test('a use count that repeats in closings of different idle ages is how often the peer uses a connection', () => {
  assert.ok(closed([500, 9_000, 70_000], 100).isRetired(100, undefined));
  assert.ok(!closed([500, 9_000, 70_000], 100).isRetired(99, undefined));
  assert.ok(!closed([500, 9_000], 100).isRetired(100, undefined), 'two are too few');
  assert.ok(!closed([5_000, 5_001, 5_002], 100).isRetired(100, undefined), 'the idle age repeats: that is a limit');
  assert.ok(closed([0, 1, 0.5], 100).isRetired(100, undefined), 'but nobody limits idleness to so little');
  assert.ok(!closed([500, 9_000, 70_000], 1).isRetired(1, undefined), 'every connection is used once');
  const known = closed([500, 9_000], 100);
  known.closedIdle({ lateMs: 0, atMs: 9 * MINUTE, idleMs: 70_000, uses: undefined, ageMs: undefined });
  assert.ok(!known.isRetired(100, undefined), 'a connection of unknown history');
});

test('an age that repeats in closings of different idle ages is how old the peer lets a connection grow', () => {
  const known = origin();
  for (const [i, idleMs] of [300, 20_000, 900].entries())
    known.closedIdle({ lateMs: 0, atMs: i * MINUTE, idleMs, uses: 3 + i, ageMs: 60_000 + i });
  assert.ok(known.isRetired(7, 60_010));
  assert.ok(!known.isRetired(7, 50_000));
  assert.equal(known.peerTimeout(), undefined);
});
