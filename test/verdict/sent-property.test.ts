import assert from 'node:assert/strict';
import { test } from 'node:test';
import { line } from './scene';
import { checkVerdicts } from './scenes';

const NOT_IDEMPOTENT = new Set(['POST', 'PATCH', 'X'.repeat(300)]);

test('nothing sent is said only with proof, and never against a sign that something was', () => {
  checkVerdicts((e, v) => {
    if (v.sent !== 'none') return false;
    const { exchange } = e;
    const said = line(v);
    assert.ok(e.unsent === true || e.stage !== 'ready', said);
    assert.equal(exchange.wroteBefore, false, said);
    assert.notEqual(e.handleless, true, said);
    assert.equal(e.statusCode, undefined, said);
    if (e.stage !== 'proxy') assert.ok(e.progress.received === 0 && e.interim !== true, said);
    if (e.stage === 'ready') assert.equal(exchange.multiplexed, false, said);
    if ((exchange.reuseCount ?? 0) > 0) assert.equal(e.unsent, true, said);
    return true;
  });
});

test('a request that is not idempotent is safe to repeat only if nothing of it was sent', () => {
  checkVerdicts((e, v) => {
    if (v.retrySafe !== true || !NOT_IDEMPOTENT.has(e.exchange.method)) return false;
    assert.equal(v.sent, 'none', line(v));
    return true;
  });
});

test('an idempotent request is safe to repeat unless the program cancelled it', () => {
  checkVerdicts((e, v) => {
    if (NOT_IDEMPOTENT.has(e.exchange.method)) return false;
    const isCancelled = v.cause === 'client_cancelled' || e.error.cancelled || e.signalAborted === true;
    assert.ok(v.retrySafe === true || isCancelled, line(v));
    return true;
  });
});

test('the request was sent in full only if all that its Content-Length announces was written', () => {
  checkVerdicts((e, v) => {
    if (v.sent !== 'full') return false;
    assert.equal(e.progress.complete, true, line(v));
    assert.ok((e.request?.missingBytes ?? 0) <= 0, line(v));
    return true;
  });
});

test('a response began only where more than an interim answer was read', () => {
  checkVerdicts((e, v) => {
    if (v.sent === 'received') assert.ok(e.progress.received > 0, line(v));
    if (v.kind === 'truncated') assert.ok(e.interim !== true || e.statusCode !== undefined, line(v));
    if (v.phase === 'response') assert.equal(v.sent ?? 'received', 'received', line(v));
    return true;
  });
});
