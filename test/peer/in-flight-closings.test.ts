import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type InFlightClosing, InFlightClosings } from '../../src/peer/in-flight-closings';

const MINUTE = 60_000;

/** One that had brought no byte, on a connection of its own. */
const cut = (atMs: number, elapsedMs: number, more: Partial<InFlightClosing> = {}): InFlightClosing => ({
  atMs,
  elapsedMs,
  silentMs: elapsedMs,
  connectionId: undefined,
  connectionMs: 5_000,
  ...more,
});
const alike = (closings: InFlightClosings, elapsedMs: number, atMs: number) =>
  closings.limitOf(cut(atMs, elapsedMs))?.seen.length ?? 0;
const together = (closings: InFlightClosings, one: InFlightClosing) => closings.explainedTogether(one).length;

test('in-flight closings at one elapsed time are counted within 2 %', () => {
  const closings = new InFlightClosings();
  for (const [i, elapsedMs] of [29_500, 30_500, 29_300, 60_000].entries()) closings.add(cut(i * MINUTE, elapsedMs));
  assert.equal(alike(closings, 30_000, 10 * MINUTE), 2);
  assert.equal(alike(closings, 45_000, 10 * MINUTE), 0);
  assert.equal(alike(closings, 50, 10 * MINUTE), 0, 'nobody limits requests to so little');
});

test('in-flight closings of one moment count as one', () => {
  const closings = new InFlightClosings();
  for (let i = 0; i < 5; i++) closings.add(cut(MINUTE + i, 30_000));
  assert.equal(alike(closings, 30_000, MINUTE + 500), 0, 'they are this very event');
  assert.equal(alike(closings, 30_000, 3 * MINUTE), 1);
});

test('requests on one connection are one witness, at whatever moments they end', () => {
  const closings = new InFlightClosings();
  const added = [1, 2, 3].map((i) => closings.add(cut(i * MINUTE, 30_000, { connectionId: 7 })));
  assert.deepEqual(added, [true, false, false]);
  assert.equal(alike(closings, 30_000, 9 * MINUTE), 1);
  assert.equal(together(closings, cut(MINUTE + 1, 90_000, { connectionId: 7 })), 1);
});

test('a silence that repeats is a limit, however long the requests had been under way', () => {
  const closings = new InFlightClosings();
  for (let i = 0; i < 4; i++) closings.add(cut(i * MINUTE, 20_000 + i * 7_000, { silentMs: 15_010 }));
  const limit = closings.limitOf(cut(9 * MINUTE, 70_000, { silentMs: 15_000 }));
  assert.deepEqual([limit?.isSilence, limit?.seen.length], [true, 4]);
  assert.equal(closings.limitOf(cut(9 * MINUTE, 70_000, { silentMs: undefined })), undefined);
});

test('requests of other ages that die in the same moment tell a restart from a time limit', () => {
  const closings = new InFlightClosings();
  for (const elapsedMs of [300, 900, 2_010]) closings.add(cut(MINUTE, elapsedMs));
  assert.equal(together(closings, cut(MINUTE, 2_000)), 1, 'the third died at the same age');
  assert.equal(together(closings, cut(MINUTE + 1_500, 2_010)), 0, 'that was another event');
  closings.add(cut(3 * MINUTE, 700));
  assert.equal(together(closings, cut(3 * MINUTE + 700, 700)), 1);
  assert.equal(together(closings, cut(3 * MINUTE + 701, 700)), 0, 'it was acquired after they died');
});

test('streams that fell silent together are one witness', () => {
  const closings = new InFlightClosings();
  for (const elapsedMs of [1_300, 1_600, 1_900]) closings.add(cut(MINUTE, elapsedMs, { silentMs: 800 }));
  assert.equal(together(closings, cut(MINUTE, 1_000, { silentMs: 801 })), 3);
  assert.equal(together(closings, cut(MINUTE, 2_200, { silentMs: 801 })), 3);
});

test('streams whose silence was not seen, and that end together, may have fallen silent together', () => {
  const closings = new InFlightClosings();
  for (const elapsedMs of [1_300, 1_600]) closings.add(cut(MINUTE, elapsedMs, { silentMs: undefined }));
  assert.equal(together(closings, cut(MINUTE, 5_000, { silentMs: undefined })), 2);
  assert.equal(together(closings, cut(MINUTE, 5_000, { silentMs: 20 })), 2);
});

test('streams that all brought bytes until they ended are witnesses of their own', () => {
  const closings = new InFlightClosings();
  for (const elapsedMs of [1_300, 1_600]) closings.add(cut(MINUTE, elapsedMs, { silentMs: 3 }));
  assert.equal(together(closings, cut(MINUTE, 5_000, { silentMs: 4 })), 0);
});

test('what ended just before a connect was refused shows no time limit', () => {
  const closings = new InFlightClosings();
  closings.add(cut(MINUTE, 30_000));
  closings.add(cut(3 * MINUTE, 30_000));
  closings.forgetMoment(3 * MINUTE + 200);
  assert.equal(alike(closings, 30_000, 5 * MINUTE), 1);
});

test('a time limit is remembered though it cuts many requests at once, or some all the time', () => {
  const waves = new InFlightClosings();
  for (let wave = 0; wave < 5; wave++) for (let i = 0; i < 50; i++) waves.add(cut(wave * MINUTE + i, 30_000 + i));
  assert.equal(alike(waves, 30_010, 6 * MINUTE), 5);
  const steady = new InFlightClosings();
  for (let atMs = 0; atMs < 10_000; atMs += 100) steady.add(cut(atMs, atMs % 200 === 0 ? 30_000 : 10_000));
  assert.ok(alike(steady, 30_000, 10_000) >= 4 && alike(steady, 10_000, 10_000) >= 4);
});

test('times that do not repeat push each other out: memory is constant', () => {
  const closings = new InFlightClosings();
  for (let i = 0; i < 500; i++) closings.add(cut(i * MINUTE, 1_000 * 1.05 ** (i % 100)));
  assert.equal(alike(closings, 1_000, 501 * MINUTE), 0);
});

test('requests that were dropped together, soon, do not show a restart', () => {
  const closings = new InFlightClosings();
  for (const elapsedMs of [11, 13, 16]) closings.add(cut(MINUTE, elapsedMs));
  assert.equal(together(closings, cut(MINUTE, 20)), 3);
});
