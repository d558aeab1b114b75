import assert from 'node:assert/strict';
import { test } from 'node:test';
import { featuresOf } from '../../src/verdict/causes/features';
import { wireFactsOf } from '../../src/verdict/evidence/wire-facts';
import { evidenceOf } from './scene';

/** Of a FIN that the first poll saw, `elapsedMs` after the write and `blindMs` after the poll before that. */
function blindness(blindMs: number, elapsedMs: number): number {
  const evidence = evidenceOf({
    error: new Error('socket hang up'),
    how: 'fin',
    elapsedMs,
    waitedMs: 0,
    known: (origin) => origin.roundTrip.answered(0, 30),
  });
  evidence.exchange.blindAtWriteMs = blindMs;
  return featuresOf(evidence, wireFactsOf(evidence)).blind;
}

test('the time in which a FIN may have arrived by chance begins at the last poll before the write', () => {
  assert.equal(blindness(2, 1), 0.5);
  assert.equal(blindness(2, 8), 1);
  assert.equal(blindness(90, 10), 2);
  assert.equal(blindness(1_000_000, 1), 3);
});

test('slow answers do not make that time longer', () => {
  assert.ok(blindness(2, 1) < Math.log10(30));
});
