import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Evidence } from '../../src/verdict/evidence/evidence';
import { isOwnError } from '../../src/verdict/evidence/own-error';
import { errorOf, evidenceOf, fin, rst, type Scene } from './scene';

const hangUp = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
const ofNode = (scene: Scene, error: unknown, seen: Partial<Evidence> = {}) =>
  isOwnError({ ...evidenceOf(scene), ...seen }, error, false);

test('what Node makes for one request is its own error', () => {
  for (const [scene, error] of [
    [fin, hangUp],
    [rst, errorOf('ECONNRESET', 'read')],
    [{ stage: 'connect', idleMs: 'fresh' }, errorOf('ECONNREFUSED', 'connect')],
    [{ stage: 'dns', idleMs: 'fresh' }, errorOf('EAI_AGAIN', 'getaddrinfo')],
    [{ stage: 'tls', idleMs: 'fresh' }, errorOf('DEPTH_ZERO_SELF_SIGNED_CERT')],
    [{}, errorOf('HPE_INVALID_CONSTANT')],
  ] as const)
    assert.equal(ofNode(scene, error), true, String(error));
});

test('what the program or a signal ended a request with may stand for others', () => {
  const abort = Object.assign(new Error('The operation was aborted'), { name: 'AbortError', code: 'ABORT_ERR' });
  const { reason } = AbortSignal.abort();
  for (const how of ['request', 'program', 'timer'] as const)
    for (const error of [errorOf('ECONNRESET', 'read'), errorOf('ETIMEDOUT'), new Error('x'), abort, reason])
      assert.equal(ofNode({ how }, error), false, `${how}: ${error}`);
  assert.equal(ofNode(fin, abort), false);
  assert.equal(ofNode({ how: 'request' }, hangUp, { handedIn: true }), false);
  assert.equal(ofNode(fin, hangUp, { handleless: true }), false, 'not a connection: nobody saw what ended it');
});

test('the error of another call, or of another client, is not its own', () => {
  assert.equal(ofNode({}, errorOf('ECONNREFUSED', 'connect')), false, 'a connect, on a connection that is up');
  assert.equal(ofNode({}, errorOf('ECONNRESET', 'read')), false, 'nobody saw that this connection was reset');
  const undicis = errorOf('UND_ERR_SOCKET');
  assert.equal(ofNode(fin, undicis), false);
  assert.equal(isOwnError(evidenceOf(fin), undicis, true), true);
});
