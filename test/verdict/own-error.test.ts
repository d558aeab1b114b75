import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Evidence } from '../../src/verdict/evidence/evidence';
import { isOwnError } from '../../src/verdict/evidence/own-error';
import { errorOf, evidenceOf, fin, NOW, rst, type Scene } from './scene';

const hangUp = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
const disconnected = Object.assign(
  new Error('Client network socket disconnected before secure TLS connection was established'),
  { code: 'ECONNRESET' },
);
const NODES = { isUndicis: false, isOfOwnCall: false };
const ofNode = (scene: Scene, error: unknown, seen: Partial<Evidence> = {}) =>
  isOwnError({ ...evidenceOf(scene), ...seen }, error, NODES);
const ofUndici = (scene: Scene, error: unknown, isOfOwnCall = false) =>
  isOwnError(evidenceOf(scene), error, { isUndicis: true, isOfOwnCall });

test('what Node makes for one request is its own error', () => {
  for (const [scene, error] of [
    [fin, hangUp],
    [{ stage: 'connect', idleMs: 'fresh' }, errorOf('ECONNREFUSED', 'connect')],
    [{ stage: 'dns', idleMs: 'fresh' }, errorOf('EAI_AGAIN', 'getaddrinfo')],
    [{ stage: 'tls', idleMs: 'fresh' }, errorOf('DEPTH_ZERO_SELF_SIGNED_CERT')],
  ] as const)
    assert.equal(ofNode(scene, error), true, String(error));
  const closing = { atMs: NOW, how: 'unseen', initiator: 'unknown', byParser: true } as const;
  assert.equal(ofNode({}, errorOf('HPE_INVALID_CONSTANT'), { closing }), true);
  const reset = errorOf('ECONNRESET', 'read');
  assert.equal(isOwnError(evidenceOf(rst), reset, { isUndicis: false, isOfOwnCall: true }), true);
  assert.equal(ofUndici(rst, reset, true), true);
  assert.equal(ofUndici(fin, errorOf('UND_ERR_SOCKET')), true);
  assert.equal(ofUndici({ stage: 'tls', idleMs: 'fresh' }, disconnected), true);
});

test('what the program or a signal ended a request with may stand for others', () => {
  const abort = Object.assign(new Error('The operation was aborted'), { name: 'AbortError', code: 'ABORT_ERR' });
  const { reason } = AbortSignal.abort();
  for (const how of ['request', 'program', 'timer'] as const)
    for (const error of [errorOf('ECONNRESET', 'read'), errorOf('ETIMEDOUT'), new Error('x'), abort, reason])
      assert.equal(ofNode({ how }, error), false, `${how}: ${error}`);
  assert.equal(ofNode(fin, abort), false);
  assert.equal(ofNode({ how: 'request' }, hangUp, { programsError: true }), false);
  assert.equal(ofNode(fin, hangUp, { handleless: true }), false, 'not a connection: nobody saw what ended it');
});

test("a code alone does not make an error a request's own", () => {
  for (const code of ['ERR_SSL_SSLV3_ALERT_BAD_RECORD_MAC', 'P2002', 'HPE_INVALID_CONSTANT']) {
    assert.equal(ofNode(fin, errorOf(code)), false, code);
    assert.equal(ofUndici(fin, errorOf(code)), false, code);
  }
  for (const error of [errorOf('ECONNRESET', 'read'), errorOf('EPIPE', 'write'), errorOf('EPROTO', 'write')])
    for (const scene of [fin, rst, { stage: 'connect', idleMs: 'fresh' }] as const) {
      assert.equal(ofNode(scene, error), false, 'nobody saw that call fail on this socket');
      assert.equal(ofUndici(scene, error), false);
    }
  assert.equal(ofNode({}, errorOf('ECONNREFUSED', 'connect')), false, 'a connect, on a connection that is up');
  assert.equal(ofNode(fin, errorOf('UND_ERR_SOCKET')), false);
  assert.equal(ofUndici(fin, hangUp), false, 'undici never says so');
  assert.equal(ofNode({}, hangUp), false, 'no connection of its own has ended');
});
