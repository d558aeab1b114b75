import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { IdleClosing } from '../../src/peer/idle/idle-closing';
import { IdleTimeout } from '../../src/peer/idle/idle-timeout';

const MINUTE = 60_000;

const closing = (atMs: number, idleMs: number, lateMs = 0): IdleClosing => ({
  atMs,
  idleMs,
  lateMs,
  ageMs: undefined,
  uses: 3,
});

/** One connection after the other, each closed at its idle age. */
function closedAt(...ages: readonly number[]): IdleTimeout {
  const limit = new IdleTimeout();
  for (const [i, idleMs] of ages.entries()) limit.closed(closing((i + 1) * 120 * MINUTE, idleMs));
  return limit;
}

const told = (...ages: readonly number[]) => closedAt(...ages).observed()?.ms;

test('idle timeouts of 0.3 s to an hour are learned from two closings, if these agree sharply', () => {
  for (const ms of [300, 1_000, 5_000, 60_000, 350_000, 3_600_000]) assert.equal(told(ms, ms + 4), ms);
});

test('two ages that are only near each other may be so by chance: a third closing decides', () => {
  assert.equal(told(5_000, 5_400), undefined);
  assert.equal(told(5_000, 5_400, 5_200), 5_000);
  assert.equal(told(5_000, 5_400, 7_000), undefined);
});

test('an idle timeout that the peer varies by a tenth is learned from some closings, with its spread', () => {
  assert.deepEqual(closedAt(4_550, 5_450, 5_050, 4_900).observed(), { ms: 4_550, closures: 3, spreadMs: 500 });
  const jitter = fc.array(fc.double({ min: 0.9, max: 1.1, noNaN: true }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(jitter, fc.integer({ min: 1_000, max: 350_000 }), (parts, ms) => {
      const known = told(...parts.map((part) => part * ms)) ?? ms;
      assert.ok(Math.abs(known - ms) <= ms * 0.1 + 1, `${known}`);
    }),
  );
});

test('a lone restart, or a rolling one, does not hide an idle timeout that was shown often', () => {
  assert.equal(told(5_000, 5_001, 5_002, 5_003, 1_700), 5_000);
  assert.equal(told(5_001, 5_002, 5_003, 1_700, 5_004, 5_005), 5_001);
  assert.equal(told(5_000, 5_000, 5_000, 5_000, 1_700, 900, 3_100), 5_000);
});

test('one closing far before three at the idle timeout does not make it vary: a fourth shows it', () => {
  assert.equal(told(700, 1_000, 1_000, 1_000), undefined);
  assert.equal(told(700, 1_000, 1_000, 1_000, 1_000), 1_000);
  assert.equal(told(50_000, 60_000, 60_010, 60_020), undefined);
  assert.equal(told(4_300, 5_000, 4_700, 5_300), 4_300, 'that one varies');
});

test('a closing before the idle timeout is no idle timeout, nor is an older one', () => {
  assert.equal(told(2_000, 2_001, 1_850, 2_002, 2_003), 2_000);
  assert.equal(told(60_000, 60_001, ...Array(7).fill(65_000)), 65_000);
});

test('ages that repeat show another timeout, and a longer one refutes at once', () => {
  assert.equal(told(5_000, 5_000, 5_000, 5_000, 2_000, 2_000), undefined);
  assert.equal(told(5_000, 5_000, 5_000, 5_000, 9_000), undefined);
});

test('a peer that lowers its idle timeout: the new one is known after four closings, the old one given up after two', () => {
  const words = [1, 2, 3, 4].map((count) => told(...Array(8).fill(5_000), ...Array(count).fill(2_000)));
  assert.deepEqual(words, [5_000, undefined, undefined, 2_000]);
});

test('a restart that takes some seconds is no idle timeout, though connections idle together look alike then', () => {
  for (const idleMs of [5_000, 20_000, 60_000, 600_000]) {
    const limit = new IdleTimeout();
    for (const delayMs of [0, 1_100, 2_200, 3_300]) limit.closed(closing(MINUTE * 20 + delayMs, idleMs + delayMs));
    assert.equal(limit.observed(), undefined, `${idleMs}`);
  }
});

test('connections that were idle at the same time show an idle timeout once, others again', () => {
  const limit = new IdleTimeout();
  for (const atMs of [5_000, 7_000, 9_000]) limit.closed(closing(atMs, 5_000));
  assert.equal(limit.observed(), undefined);
  limit.closed(closing(10_100, 5_000));
  assert.equal(limit.observed()?.ms, 5_000);
});

test('what a process saw that had been frozen between its calls shows no idle timeout', () => {
  const limit = new IdleTimeout();
  for (const atMs of [10 * MINUTE, 20 * MINUTE, 30 * MINUTE]) limit.closed(closing(atMs, 5 * MINUTE, 5 * MINUTE - 900));
  assert.equal(limit.observed(), undefined);
  limit.closed(closing(40 * MINUTE, 4_000));
  limit.closed(closing(50 * MINUTE, 4_000));
  assert.equal(limit.observed()?.ms, 4_000, 'nor does it refute one');
});

test('a process that is always busy learns the idle timeout from four closings that agree all the same', () => {
  const limit = new IdleTimeout();
  for (let i = 1; i <= 4; i++) {
    assert.equal(limit.observed(), undefined);
    limit.closed(closing(i * MINUTE, 5_000 + 20 * i, 2_000));
  }
  assert.deepEqual(limit.observed(), { ms: 5_020, closures: 4, spreadMs: 60 });
  limit.closed(closing(6 * MINUTE, 6_500, 100));
  assert.equal(limit.observed(), undefined);
});

test('closings at one age of the connection, whatever its idle age, show no idle timeout, but that age', () => {
  const byAge = (...idle: readonly number[]) => {
    const limit = new IdleTimeout();
    for (const [i, idleMs] of idle.entries())
      limit.closed({ ...closing((i + 1) * MINUTE, idleMs), ageMs: 2_001 + (i % 3) });
    return limit;
  };
  const varied = byAge(1_601, 1_844, 1_976, 1_720, 1_866);
  assert.equal(varied.observed(), undefined);
  assert.equal(varied.recycleAgeMs, 2_001);
  assert.equal(byAge(1_600, 1_620).observed()?.ms, 1_600, 'two may have one age by chance');
  assert.equal(byAge(1_904, 1_905, 1_502).observed(), undefined, 'the third decides');
  assert.equal(byAge(1_010, 1_100, 1_190).observed()?.ms, 1_010, 'a peer that looks at its clock from time to time');
  varied.closed({ ...closing(9 * MINUTE, 1_700), ageMs: 1_850 });
  assert.equal(varied.observed(), undefined, 'one that was seen late does not hide it');
  assert.equal(byAge(1_990, 1_991, 1_992).observed()?.ms, 1_990, 'used once: nothing shows which of both it is');
});

test('survivals count for an hour, and do not crowd out newer ones', () => {
  const limit = new IdleTimeout();
  for (let i = 0; i < 8; i++) limit.survived(i, 50_000 - i);
  limit.survived(70 * MINUTE, 3_000);
  limit.survived(71 * MINUTE, 2_000);
  assert.equal(limit.survivedSince(11 * MINUTE), 3_000);
});

test('an age that the peer varies is no idle timeout, also if some connections were hardly used', () => {
  const seen = (...closings: readonly (readonly [idleMs: number, ageMs: number])[]) => {
    const limit = new IdleTimeout();
    for (const [i, [idleMs, ageMs]] of closings.entries())
      limit.closed({ ...closing((i + 1) * MINUTE, idleMs), ageMs });
    return limit.observed()?.ms;
  };
  assert.equal(seen([5_600, 9_600], [9_000, 10_500], [2_100, 10_100], [7_700, 9_100]), undefined);
  // Those that were hardly used agree, and one that was used has their age.
  assert.equal(seen([4_000, 9_500], [9_000, 9_050], [9_300, 9_400], [9_100, 10_200]), undefined);
  // An idle timeout: the connection was closed so much later as it was used for longer.
  assert.equal(seen([9_200, 40_000], [9_000, 9_050], [9_300, 9_400], [9_100, 10_200]), 9_000);
  assert.equal(seen([4_000, 60_000], [9_000, 9_050], [9_050, 9_400], [9_100, 10_200], [9_100, 30_000]), 9_000);
});
