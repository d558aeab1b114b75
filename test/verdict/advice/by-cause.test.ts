import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explanationOf, fixText } from '../../../src/verdict/advice/advice';
import { adviceFrom } from '../../../src/verdict/advice/advise';
import { FAILURE_CAUSES } from '../../../src/verdict/failure';
import { BY_PEER } from './words';
import { TIME_LIMITS } from './words-limits';
import { LOCAL_OR_SET_UP } from './words-local';

const ALL = [...BY_PEER, ...TIME_LIMITS, ...LOCAL_OR_SET_UP];

test('the words of every cause are written down', () => {
  assert.deepEqual([...new Set(ALL.map(([{ failure }]) => failure.cause))].sort(), [...FAILURE_CAUSES].sort());
});

for (const [facts, ...words] of ALL) {
  const { cause, confidence } = facts.failure;
  test(`${cause}, ${confidence}: ${words[0]}`, () => {
    const advice = adviceFrom(facts);
    const text = explanationOf(advice);
    // For a person: `ADVICE_READ=1` prints what is on the spans, to be read aloud.
    if (process.env.ADVICE_READ !== undefined) process.stdout.write(`${cause}, ${confidence}: ${text}\n`);
    assert.deepEqual([advice.why, fixText(advice.fix), advice.retry], words);
    assert.ok(text.length <= 430, `${text.length} characters`);
  });
}

test('most explanations are shorter than 350 characters', () => {
  const long = ALL.map(([facts]) => explanationOf(adviceFrom(facts))).filter(({ length }) => length > 350);
  assert.ok(long.length <= ALL.length / 6, long.join('\n'));
});
