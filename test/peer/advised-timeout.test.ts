import assert from 'node:assert/strict';
import { test } from 'node:test';
import { advisedTimeoutMs, isMismatch } from '../../src/peer/advised-timeout';

test('the advised timeout leaves a tenth, at least 1 s, at most 5 s, never more than half', () => {
  const limits = [500, 1_000, 2_000, 5_000, 15_000, 60_000, 75_000, 3_600_000];
  assert.deepEqual(limits.map(advisedTimeoutMs), [250, 500, 1_000, 4_000, 13_500, 55_000, 70_000, 3_595_000]);
});

test('a client without a timeout, or with the same or a longer one, does not match the peer', () => {
  const of = (clientMs: number) => isMismatch(clientMs, 5_000);
  assert.deepEqual([0, 4_999, 5_000, 9_000].map(of), [true, false, true, true]);
});
