import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IdleExposure } from '../../src/peer/idle/idle-exposure';

test('the chance that a connection is closed is the rate at which others were, for as long as nobody looked', () => {
  const exposure = new IdleExposure();
  for (let i = 0; i < 100; i += 1) exposure.add(10_000, i % 10 === 0);
  const chance = exposure.closingChance(100);
  assert.ok(Math.abs(chance - 0.001) < 0.0002, `${chance}`);
  assert.equal(exposure.closingChance(1e9), 1);
});

test('a peer of which nothing is known may close a connection, but hardly does within a millisecond', () => {
  const chance = new IdleExposure().closingChance(1);
  assert.ok(chance > 0 && chance < 1e-4);
});

test('what idle connections show fades as more is seen', () => {
  const exposure = new IdleExposure();
  exposure.add(1_000, true);
  for (let i = 0; i < 1_000; i += 1) exposure.add(100_000, false);
  assert.ok(exposure.closingChance(1_000) < 1e-4);
});
