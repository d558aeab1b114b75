import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Closing, mayAnswerProbe, mayAnswerRepeat } from '../../src/connection/closing';

const reset = (probeMs: number | undefined): Closing => ({ atMs: 0, how: 'reset', initiator: 'remote', probeMs });

test('a reset when a probe was due, on a path of 40 ms', () => {
  const answers = [995, 1_000, 1_040, 1_090, 1_400, 2_020, 2_200, 2_500].map((ms) =>
    mayAnswerProbe(reset(1_000), ms, 40),
  );
  assert.deepEqual(answers, [false, true, true, true, false, true, true, false]);
});

test('after many probes, each somewhat late, a time shows nothing', () => {
  assert.equal(mayAnswerProbe(reset(1_000), 10_900, 0), true);
  assert.equal(mayAnswerProbe(reset(1_000), 11_100, 0), false);
});

test('where there are no probes, no reset answers one; where that is unknown, any may', () => {
  assert.equal(mayAnswerProbe(reset(0), 1_000, 0), false);
  assert.equal(mayAnswerProbe(reset(undefined), 500, 0), true);
  assert.equal(mayAnswerProbe(reset(1_000), undefined, 0), true);
  assert.equal(mayAnswerProbe(reset(0), undefined, 0), false);
});

test('a reset when TCP was about to send again what nobody had acknowledged, on a path of 2 ms', () => {
  const answers = [150, 199, 205, 310, 350, 605, 700, 900, 1_405, 3_100].map((ms) => mayAnswerRepeat(ms, 2));
  assert.deepEqual(answers, [false, false, true, true, false, true, true, false, true, true]);
  assert.equal(mayAnswerRepeat(60_000, 2), false);
});

test('a FIN answers no probe', () => {
  assert.equal(mayAnswerProbe({ atMs: 0, how: 'fin', initiator: 'remote' }, 1_000, 0), false);
});
