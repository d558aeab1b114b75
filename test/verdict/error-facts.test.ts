import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';
import fc from 'fast-check';
import { shapeOf } from '../../src/verdict/evidence/error-facts';
import { errorOf } from './scene';

test('a system error is told by its code and its system call', () => {
  const { code, syscall, deadline, cancelled, attempts } = shapeOf(errorOf('ECONNRESET', 'read'));
  assert.deepEqual([code, syscall, deadline, cancelled, attempts], ['ECONNRESET', 'read', false, false, 0]);
});

test('of the errors of several addresses the most telling one counts', () => {
  const codeOf = (...codes: string[]) =>
    shapeOf(new AggregateError(codes.map((code) => errorOf(code, 'connect')))).code;
  assert.equal(codeOf('ECONNREFUSED', 'ECONNREFUSED'), 'ECONNREFUSED');
  assert.equal(codeOf('ENETUNREACH', 'ECONNREFUSED'), 'ECONNREFUSED');
  assert.equal(codeOf('ETIMEDOUT', 'ECONNREFUSED'), 'ECONNREFUSED');
  assert.equal(codeOf('ENETUNREACH', 'ETIMEDOUT'), 'ETIMEDOUT');
  assert.equal(codeOf('ENETUNREACH', 'EHOSTUNREACH'), 'ENETUNREACH');
});

test('an AggregateError has its attempts counted', () => {
  const { syscall, attempts } = shapeOf(new AggregateError([1, 2].map(() => errorOf('ECONNREFUSED', 'connect'))));
  assert.deepEqual([syscall, attempts], ['connect', 2]);
  assert.deepEqual([shapeOf(new AggregateError([])).code, shapeOf(new AggregateError([])).attempts], ['', 0]);
});

/** What `http.request` makes of a signal, without a server. */
async function abortedBy(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => {
    http.get({ host: 'never.resolved', lookup: () => {}, signal }).on('error', resolve);
  });
}

test('an aborted signal is a cancellation, and AbortSignal.timeout a deadline', async () => {
  const cancelled = shapeOf(await abortedBy(AbortSignal.abort()));
  assert.deepEqual([cancelled.cancelled, cancelled.deadline], [true, false]);
  const timedOut = shapeOf(await abortedBy(AbortSignal.abort(new DOMException('too late', 'TimeoutError'))));
  assert.deepEqual([timedOut.cancelled, timedOut.deadline], [true, true]);
});

test('a timeout of a client library has no system call, that of the network has one', () => {
  for (const code of ['ETIMEDOUT', 'ESOCKETTIMEDOUT', 'ECONNABORTED', 'ERR_SOCKET_CONNECTION_TIMEOUT']) {
    assert.equal(shapeOf(errorOf(code)).deadline, true, code);
    assert.equal(shapeOf(errorOf(code, 'read')).deadline, false, code);
  }
});

test('a number as code, as in DOMException, is no code', () => {
  const { code, deadline } = shapeOf(new DOMException('late', 'TimeoutError'));
  assert.deepEqual([code, deadline], ['', true]);
});

test('the words of a message say nothing', () => {
  const { code, deadline, cancelled } = shapeOf(new Error('socket hang up ETIMEDOUT aborted timeout'));
  assert.deepEqual([code, deadline, cancelled], ['', false, false]);
});

test('whatever was thrown is read without throwing', () => {
  const hostile = new Proxy(new Error('no'), {
    get() {
      throw new Error('not yours');
    },
  });
  assert.equal(shapeOf(hostile).code, '');
  assert.equal(shapeOf({ errors: [hostile] }).attempts, 1);
  fc.assert(
    fc.property(fc.anything(), (thrown) => {
      const { code, syscall, name, attempts } = shapeOf(thrown);
      for (const text of [code, syscall, name]) assert.equal(typeof text, 'string');
      assert.ok(Number.isInteger(attempts) && attempts >= 0);
    }),
  );
});
