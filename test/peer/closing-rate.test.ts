import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClosingRate } from '../../src/peer/closing-rate';

/** An origin that ended connections of all ages, one after the other, so many a second for so long. */
function endingFor(seconds: number, perSecond: number): ClosingRate {
  const rate = new ClosingRate();
  rate.begin(0);
  for (let i = 0; i < seconds * perSecond; i += 1) rate.add((i * 1_000) / perSecond, 1_000 * (i % 50));
  return rate;
}

function endTogether(rate: ClosingRate, count: number, atMs: number): void {
  for (let i = 0; i < count; i += 1) rate.add(atMs + i, 100_000 + 10_000 * i);
}

test('three that end at once are no coincidence on an origin that ends none', () => {
  const rate = endingFor(60, 0);
  endTogether(rate, 3, 60_000);
  assert.ok(rate.chanceOf(3, 2, 60_002) < 1e-6);
  assert.ok(rate.chanceOf(1, 1_000, 60_002) > 0.01, 'one within a second may be');
});

test('three within a second are a coincidence on an origin that ends five a second', () => {
  const rate = endingFor(60, 5);
  assert.ok(rate.chanceOf(3, 1_000, 60_000) > 0.5);
  assert.ok(rate.chanceOf(20, 1_000, 60_000) < 0.001, 'twenty are not');
});

test('after few observations, a coincidence stays plausible', () => {
  const rate = new ClosingRate();
  rate.begin(0);
  endTogether(rate, 3, 100);
  assert.ok(rate.chanceOf(2, 50, 102) > 0.001);
});

test('those of one moment and age are one event', () => {
  const rate = endingFor(10, 0);
  for (const ageMs of [5_000, 5_004, 5_020, 9_000]) rate.add(10_000, ageMs);
  assert.deepEqual(
    rate.recent(10_500).map(({ ageMs }) => ageMs),
    [5_000, 9_000],
  );
  assert.equal(rate.recent(11_500).length, 0);
});

test('an old rate is forgotten', () => {
  const rate = endingFor(60, 5);
  assert.ok(rate.chanceOf(3, 1_000, 200_000) > 0.01);
  rate.chanceOf(1, 1_000, 400_000);
  rate.chanceOf(1, 1_000, 800_000);
  assert.ok(rate.chanceOf(3, 1_000, 1_200_000) < 0.001);
});
