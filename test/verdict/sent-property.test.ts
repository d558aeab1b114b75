import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { classify } from '../../src/verdict/classify';
import { line } from './scene';
import { evidence, RUNS } from './scenes';

const NOT_IDEMPOTENT = new Set(['POST', 'PATCH', 'X'.repeat(300)]);

test('nothing sent is said only with proof, and never against a sign that something was', () => {
  fc.assert(
    fc.property(evidence, (e) => {
      const v = classify(e);
      if (v.sent !== 'none') return;
      const { exchange } = e;
      const said = line(v);
      assert.ok(e.unsent === true || e.stage !== 'ready', said);
      assert.equal(exchange.wroteBefore, false, said);
      assert.notEqual(e.handleless, true, said);
      assert.equal(e.statusCode, undefined, said);
      if (e.stage !== 'proxy') assert.ok(e.progress.received === 0 && e.interim !== true, said);
      if (e.stage === 'ready') assert.equal(exchange.multiplexed, false, said);
      if ((exchange.reuseCount ?? 0) > 0) assert.equal(e.unsent, true, said);
    }),
    RUNS,
  );
});

test('a request that is not idempotent is safe to repeat only unsent, after a 408, or by a word of the protocol', () => {
  fc.assert(
    fc.property(evidence, (e) => {
      const v = classify(e);
      if (v.retrySafe !== true || !NOT_IDEMPOTENT.has(e.exchange.method)) return;
      assert.ok(v.sent === 'none' || e.statusCode === 408 || e.unprocessed === true, line(v));
    }),
    RUNS,
  );
});

test('an idempotent request is safe to repeat unless the program cancelled it', () => {
  fc.assert(
    fc.property(evidence, (e) => {
      const v = classify(e);
      if (NOT_IDEMPOTENT.has(e.exchange.method)) return;
      const isCancelled = v.cause === 'client_cancelled' || e.error.cancelled || e.signalAborted === true;
      assert.ok(v.retrySafe === true || isCancelled, line(v));
    }),
    RUNS,
  );
});

test('the request was sent in full only if all that its Content-Length announces was written', () => {
  fc.assert(
    fc.property(evidence, (e) => {
      const v = classify(e);
      if (v.sent !== 'full') return;
      assert.equal(e.progress.complete, true, line(v));
      assert.ok((e.request?.missingBytes ?? 0) <= 0, line(v));
    }),
    RUNS,
  );
});

test('a response began only where more than an interim answer was read', () => {
  fc.assert(
    fc.property(evidence, (e) => {
      const v = classify(e);
      if (v.sent === 'received') assert.ok(e.progress.received > 0, line(v));
      if (v.kind === 'truncated') assert.ok(e.interim !== true || e.statusCode !== undefined, line(v));
      if (v.phase === 'response') assert.equal(v.sent ?? 'received', 'received', line(v));
    }),
    RUNS,
  );
});
