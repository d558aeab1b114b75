import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lifetimes } from '../../../src/diagnose/collect/lifetimes';

test('a moment is lived through by one connection, not by two of which one ends and one begins around it', () => {
  const lifetimes = new Lifetimes();
  for (const [from, to] of [
    [0, 10],
    [30, 40],
    [5, 20],
    [100, 110],
    [39, 60],
    // Inside another, on the connection of another, and late.
    [12, 15],
    [101, 150],
    [6, 25],
  ] as const)
    lifetimes.add(from, to);
  assert.equal(lifetimes.spans(6, 24), true);
  assert.equal(lifetimes.spans(15, 35), false);
  assert.equal(lifetimes.spans(35, 59), false);
  assert.equal(lifetimes.spans(102, 149), true);
  assert.equal(lifetimes.touches(61, 99), false);
  assert.equal(lifetimes.touches(55, 99), true);
  for (let i = 0; i < 10_000; i += 1) lifetimes.add(1_000 + i * 10, 1_001 + i * 10);
  assert.equal(lifetimes.spans(100_960, 100_965), false, 'the newest moments stay apart');
  assert.equal(lifetimes.spans(2_000, 2_005), undefined, 'of the oldest nothing is known any more');
});
