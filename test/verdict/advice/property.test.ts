import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Advice, explanationOf, fixText } from '../../../src/verdict/advice/advice';
import { adviceFrom, attachedAdvice } from '../../../src/verdict/advice/advise';
import { classify } from '../../../src/verdict/classify';
import { evidence, RUNS } from '../scenes';

const HOLES = /undefined|NaN|\[object|Infinity|-\d+ m?s\b|\s\s| \(\)|: \.|\(;|; \)/;
/** The numbers that code sets. */
const VALUES = /\b(?:timeout|[a-z]+Timeout): (\d+)/gi;

/** Three values: sentences that begin like one, end without a full stop, and hold no other sentence. */
function checkForm(advice: Advice): void {
  const { why, fix, retry } = advice;
  for (const text of [why, fix.text, retry]) {
    assert.match(text, /^[A-Za-z0-9[][^\n]{8,330}[^.\s]$/);
    assert.doesNotMatch(text, /[.!?] /);
    assert.doesNotMatch(text, HOLES);
  }
  for (const text of [fix.text, retry]) assert.match(text, /^[A-Z]/);
  assert.doesNotMatch(fixText(fix), HOLES);
  assert.match(explanationOf(advice), /^[\x20-\x7e…]{40,560}$/);
  for (const [, value] of (fix.code ?? '').matchAll(VALUES)) {
    assert.ok(Number(value) > 0, fix.code);
    assert.ok(Number(value) % 50 === 0 || Number(value) < 50, fix.code);
  }
}

test('whatever was seen, the advice is three sentences without holes, and the explanation is their text', () => {
  fc.assert(
    fc.property(evidence, (e) => {
      const failure = classify(e);
      const advice = attachedAdvice(failure);
      assert.ok(advice !== undefined);
      checkForm(advice);
      assert.equal(failure.explanation, explanationOf(advice));
    }),
    RUNS,
  );
});

test('a reader of spans, who has no clues, gets advice of the same form, and the same word on a retry', () => {
  fc.assert(
    fc.property(evidence, (e) => {
      const failure = classify(e);
      const { method, origin } = e.exchange;
      const server = origin && { host: origin.host, port: origin.port };
      const advice = adviceFrom({ failure, method, server, statusCode: e.statusCode });
      checkForm(advice);
      const isSafe = (text: string | undefined) => /^Safe|^A retry is safe/.test(text ?? '');
      assert.equal(isSafe(advice.retry), isSafe(attachedAdvice(failure)?.retry));
      if (failure.retrySafe === false) assert.ok(!isSafe(advice.retry), advice.retry);
    }),
    RUNS,
  );
});
