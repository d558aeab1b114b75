import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf, rowOf } from '../../examples/resilient-client/judge';
import type { Outcome } from '../../examples/resilient-client/messages';
import type { Run } from '../../examples/resilient-client/play';
import { fullJitterMs, isWorthRetrying, RetryBudget } from '../../examples/resilient-client/policy';

const get: Outcome = { call: 'stale.get.1', method: 'GET' };
const post: Outcome = { call: 'cut.post.1', method: 'POST' };
const failed = (outcome: Outcome): Outcome => ({ ...outcome, error: 'Error: socket hang up' });
const attempts = [get.call, post.call];

/** A naive client that loses a GET, and whose POST is executed twice. */
const naive: Run = {
  client: 'c',
  mode: 'naive',
  outcomes: [failed(get), post],
  attempts: [...attempts, post.call],
  executed: [post.call, post.call],
};
/** A fixed one that repeats the GET, and leaves the POST alone. */
const fixed: Run = {
  client: 'c',
  mode: 'fixed',
  outcomes: [get, failed(post)],
  attempts: [...attempts, get.call],
  executed: [get.call, post.call],
};

test('naive clients that fail and fixed clients that do not are as they have to be', () => {
  assert.deepEqual(faultsOf([naive, fixed]), []);
  assert.deepEqual(rowOf(naive), {
    client: 'c',
    mode: 'naive',
    requests: 2,
    failed: 1,
    avoidable: 1,
    retried: 1,
    twice: 1,
  });
  assert.deepEqual(rowOf(fixed), {
    client: 'c',
    mode: 'fixed',
    requests: 2,
    failed: 1,
    avoidable: 0,
    retried: 1,
    twice: 0,
  });
});

test('a fixed client that loses a GET, or a POST that the peer never executed, is a fault', () => {
  assert.equal(faultsOf([naive, { ...fixed, outcomes: [failed(get), post] }]).length, 1);
  assert.equal(faultsOf([naive, { ...fixed, executed: [get.call] }]).length, 1);
});

test('a fixed client whose POST was executed twice is a fault, whether it failed or not', () => {
  for (const outcomes of [fixed.outcomes, [get, post]]) {
    assert.equal(faultsOf([naive, { ...fixed, outcomes, executed: naive.executed }]).length, 1);
  }
});

test('a naive client without an avoidable failure is a fault, and so is that none executed a POST twice', () => {
  assert.equal(faultsOf([{ ...naive, outcomes: [get, failed(post)] }, fixed]).length, 1);
  assert.equal(faultsOf([{ ...naive, executed: [post.call] }, fixed]).length, 1);
});

test('a run with other requests than the first, or with requests that made no span, is a fault', () => {
  assert.equal(faultsOf([naive, { ...fixed, outcomes: [get] }]).length, 1);
  assert.equal(faultsOf([naive, { ...fixed, attempts: [get.call] }]).length, 1);
});

test('the budget of retries ends, and successes bring it back', () => {
  const budget = new RetryBudget();
  let retries = 0;
  while (budget.tryRetry()) retries += 1;
  assert.equal(retries, 50);
  for (let i = 0; i < 5; i += 1) budget.onSuccess();
  assert.deepEqual([budget.tryRetry(), budget.tryRetry()], [true, false]);
});

test('the backoff is anywhere between nothing and a limit that doubles up to a second', () => {
  for (const [retry, longest] of [200, 400, 800, 1_000, 1_000].entries()) {
    const waits = Array.from({ length: 2_000 }, () => fullJitterMs(retry + 1));
    assert.ok(Math.min(...waits) < longest * 0.05 && Math.min(...waits) > 0);
    assert.ok(Math.max(...waits) > longest * 0.95 && Math.max(...waits) <= longest);
  }
});

test('an error without a verdict is not worth a retry', () => {
  assert.equal(isWorthRetrying(new Error('read ECONNRESET')), false);
});
