import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FAMILIES } from '../families';
import { jobsOf } from '../schedule';
import { missedBars } from './bars';
import { isRight, isUnknown, isWrong, loneAmong, type Row } from './row';

const row = (fields: Partial<Row>): Row => ({
  family: 'a FIN is pending',
  seed: 2,
  churn: 0,
  truth: 'stale_keepalive',
  lone: false,
  cause: 'stale_keepalive',
  hindsight: 'stale_keepalive',
  confidence: 'likely',
  kind: 'closed',
  phase: 'wait',
  sent: 'full',
  method: 'GET',
  retrySafe: true,
  reused: true,
  processed: false,
  known: true,
  features: undefined,
  ...fields,
});

test('a sixth holds some of every family of three held-out seeds, and nothing that the weights are fitted on', () => {
  const jobs = jobsOf('', true);
  const names = new Set(jobs.map(({ family }) => family.name));
  for (const { name, seeds } of FAMILIES) if (seeds >= 6) assert.ok(names.has(name), name);
  assert.ok(jobs.every(({ seed }) => seed % 2 === 0));
  const share = jobs.length / jobsOf('', false).length;
  assert.ok(share > 0.12 && share < 0.21, `${share}`);
  assert.deepEqual(jobsOf('', true), jobs, 'the same each time');
});

test('for a lone end, peer_aborted is right only as possible; unknown is neither right nor wrong', () => {
  const aborted = row({ truth: 'peer_restart', cause: 'peer_aborted', confidence: 'possible', lone: true });
  assert.ok(isRight(aborted));
  assert.ok(isWrong({ ...aborted, lone: false }));
  assert.ok(isWrong({ ...aborted, confidence: 'likely' }));
  const unknown = row({ cause: 'unknown', confidence: 'possible' });
  assert.ok(isUnknown(unknown) && !isRight(unknown) && !isWrong(unknown));
});

test('failures of a crash count as lone until two others of different ages have ended', () => {
  const died = (atMs: number, elapsedMs: number) => ({ truth: 'peer_restart' as const, atMs, elapsedMs });
  const ends = [died(5_000, 100), died(5_001, 105), died(5_002, 300), died(5_003, 600), died(9_000, 900)];
  assert.deepEqual(loneAmong(ends), [true, true, true, false, true]);
});

test('the first that a time limit cuts is lone, and those of the same moment', () => {
  const cut = (atMs: number, elapsedMs: number) => ({ truth: 'response_timeout' as const, atMs, elapsedMs });
  assert.deepEqual(loneAmong([cut(1_000, 500), cut(1_100, 500), cut(3_000, 502), cut(5_000, 700)]), [
    true,
    true,
    false,
    true,
  ]);
});

test('one likely verdict in two hundred may be wrong at each rate of churn, and never two of one family', () => {
  const right = Array.from({ length: 400 }, () => row({}));
  const wrong = row({ truth: 'rejected' });
  assert.deepEqual(missedBars(right, false), []);
  const apart = [...right, wrong, { ...wrong, family: 'a RST is pending' }];
  assert.doesNotMatch(missedBars(apart, true).join(), /are wrong/);
  assert.match(missedBars([...right, wrong, wrong], true).join(), /2 likely verdicts are wrong of: a FIN is pending/);
  const others = ['nothing listens', 'a RST is pending', 'a FIN is pending, https'].map((family) => ({
    ...wrong,
    family,
  }));
  assert.match(missedBars([...right, ...others], true).join(), /at 0 idle closings a second 3 of 403 likely are wrong/);
  const unsafe = row({ method: 'POST', processed: true });
  assert.match(missedBars([...right, unsafe], false).join(), /1 POST requests were processed/);
});
