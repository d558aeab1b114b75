import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InFlightClosings } from '../../src/peer/in-flight-closings';

const MINUTE = 60_000;

test('in-flight closings at one elapsed time are counted within 2 %', () => {
  const inFlightClosings = new InFlightClosings();
  for (const [i, elapsedMs] of [29_500, 30_500, 29_300, 60_000].entries()) inFlightClosings.add(i * MINUTE, elapsedMs);
  assert.equal(inFlightClosings.like(30_000, 10 * MINUTE), 2);
  assert.equal(inFlightClosings.like(45_000, 10 * MINUTE), 0);
  assert.equal(inFlightClosings.like(50, 10 * MINUTE), 0, 'nobody limits requests to so little');
});

test('in-flight closings of one moment count as one', () => {
  const inFlightClosings = new InFlightClosings();
  for (let i = 0; i < 5; i++) inFlightClosings.add(MINUTE + i, 30_000);
  assert.equal(inFlightClosings.like(30_000, MINUTE + 500), 0, 'they are this very event');
  assert.equal(inFlightClosings.like(30_000, 3 * MINUTE), 1);
});

test('requests of other ages that die in the same moment tell a restart from a time limit', () => {
  const inFlightClosings = new InFlightClosings();
  for (const elapsedMs of [300, 900, 2_010]) inFlightClosings.add(MINUTE, elapsedMs);
  assert.equal(inFlightClosings.beside(MINUTE - 2_000, MINUTE), 2, 'the third died at the same age');
  assert.equal(inFlightClosings.beside(MINUTE + 1, MINUTE + 500), 0, 'it was acquired after they died');
  assert.equal(inFlightClosings.beside(0, 2 * MINUTE), 0, 'that was a minute ago');
});

test('a time limit is remembered though it cuts many requests at once, or some all the time', () => {
  const waves = new InFlightClosings();
  for (let wave = 0; wave < 5; wave++) for (let i = 0; i < 50; i++) waves.add(wave * MINUTE + i, 30_000 + i);
  assert.equal(waves.like(30_010, 6 * MINUTE), 5);
  const steady = new InFlightClosings();
  for (let atMs = 0; atMs < 10_000; atMs += 100) steady.add(atMs, atMs % 200 === 0 ? 30_000 : 10_000);
  assert.ok(steady.like(30_000, 10_000) >= 4 && steady.like(10_000, 10_000) >= 4);
});

test('times that do not repeat push each other out: memory is constant', () => {
  const inFlightClosings = new InFlightClosings();
  for (let i = 0; i < 500; i++) inFlightClosings.add(i * MINUTE, 1_000 * 1.05 ** (i % 100));
  assert.equal(inFlightClosings.like(1_000, 501 * MINUTE), 0);
});

test('requests that were dropped together, soon, do not show a restart', () => {
  const inFlightClosings = new InFlightClosings();
  for (const elapsedMs of [11, 13, 16]) inFlightClosings.add(MINUTE, elapsedMs);
  assert.equal(inFlightClosings.beside(MINUTE - 20, MINUTE), 0);
});
