import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRegular } from '../../src/verdict/evidence/regular-times';

test('ends by one timer, or by one timer of each of two machines, are regular', () => {
  assert.equal(isRegular([0, 5_000, 10_010, 15_000, 20_050]), true);
  assert.equal(isRegular([0, 1_700, 5_000, 6_700, 10_000, 11_690]), true);
  assert.equal(isRegular([0, 5_000, 15_000, 20_000, 25_000]), true, 'one was missed');
});

test('requests that begin whenever they are made do not end at regular intervals', () => {
  assert.equal(isRegular([0, 7_000, 28_000, 63_000, 112_000]), false);
  assert.equal(isRegular([0, 31_000, 40_000, 95_000, 107_000, 180_000]), false);
});

test('fewer than four moments always count as regular', () => {
  for (const moments of [[], [1], [1, 9], [1, 9, 30]]) assert.equal(isRegular(moments), true);
});
