import assert from 'node:assert/strict';
import { test } from 'node:test';
import { line } from './scene';
import { checkVerdicts } from './scenes';

/** Causes that an error code or the phase proves, whoever ended the connection. */
const PROVED_BY_CODE = new Set(['name_not_resolved', 'tls_failed', 'unreachable', 'connect_timeout']);
const OUR_OWN = new Set([
  'client_timeout',
  'client_cancelled',
  'pool_closed',
  'local_resource',
  'request_incomplete',
  'connect_timeout',
  'tls_failed',
]);

test('no evidence, however odd, leads to a verdict that is surer than what was seen', () => {
  checkVerdicts((e, v) => {
    const said = line(v);
    const { dead } = e.exchange;
    if (v.confidence === 'certain' && v.initiator !== 'local') {
      const seenDead = dead !== undefined && dead !== 'unseen' && dead.initiator === 'remote' && v.sent === 'none';
      const isByCode = PROVED_BY_CODE.has(v.cause) && e.error.code + e.error.syscall !== '';
      assert.ok(seenDead || isByCode, said);
    }
    if (v.confidence === 'certain' && v.initiator === 'local') assert.ok(OUR_OWN.has(v.cause), said);
    assert.ok(Number.isInteger(v.elapsedMs) && v.elapsedMs >= 0, said);
    const isEarly408 = v.cause === 'stale_keepalive' && e.statusCode === 408;
    if (v.cause === 'stale_keepalive' && !isEarly408) assert.notEqual(v.sent, 'received', said);
    if (v.cause === 'stale_keepalive' || v.cause === 'recycled') assert.equal(e.exchange.reused, true, said);
    return true;
  });
});

test('a cancel is certain only by a code of the list, an aborted signal, or a destroy without an error', () => {
  checkVerdicts((e, v) => {
    if (v.cause !== 'client_cancelled' || v.confidence !== 'certain') return false;
    const { error, closing } = e;
    const isDestroyed = closing?.how === 'request' || closing?.how === 'program';
    const isBare = error.syscall === '' && (error.name === '' || error.code === 'ECONNRESET');
    assert.ok(error.cancelled || e.signalAborted === true || (isDestroyed && isBare), line(v));
    assert.notEqual(e.abortReasonUnknown, true, line(v));
    return true;
  });
});

test('what no rule knows is unknown, and the explanation names its code', () => {
  checkVerdicts((e, v) => {
    if (v.kind !== 'other' || v.phase === 'proxy') return false;
    assert.ok(['unknown', 'request_incomplete', 'local_resource'].includes(v.cause), line(v));
    if (/^[A-Z][A-Z0-9_]{2,60}$/.test(e.error.code) && v.cause !== 'local_resource')
      assert.ok(v.explanation.includes(e.error.code), v.explanation);
    return true;
  });
});

test('without a socket nothing is said of a connection, but that the program aborted', () => {
  checkVerdicts((e, v) => {
    if (e.handleless !== true) return false;
    assert.equal(v.sent, undefined);
    const isAborted = e.error.cancelled || e.signalAborted === true;
    if (!isAborted) assert.match(line(v), /^other \w+ unknown undefined unknown possible/);
    return true;
  });
});

test('a time limit is likely only of a complete request, read without a pause, that was not too short to be one', () => {
  checkVerdicts((e, v) => {
    if (v.cause !== 'response_timeout') return false;
    assert.ok(e.progress.complete && e.paused !== true, line(v));
    assert.ok(e.exchange.origin?.isRefusing(e.nowMs) === false, line(v));
    if (v.confidence === 'likely' && v.phase === 'response') assert.equal(e.paused, false, line(v));
    return true;
  });
});
