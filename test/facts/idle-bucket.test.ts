import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idleBucket } from '../../src/idle-bucket';

test('idle ages fall into eight buckets', () => {
  const ages = [0, 999, 1_000, 4_000, 6_000, 15_000, 60_000, 120_000, 349_999, 350_000];
  const names = ['<1s', '<1s', '1-4s', '4-6s', '6-15s', '15-60s', '60-120s', '120-350s', '120-350s', '>350s'];
  assert.deepEqual(ages.map(idleBucket), names);
});
