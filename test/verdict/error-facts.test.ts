import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';
import fc from 'fast-check';
import { errorFactsOf } from '../../src/verdict/evidence/error-facts';
import { errorOf } from './scene';

test('a system error is told by its code and its system call', () => {
  const { code, syscall, deadline, cancelled, attempts } = errorFactsOf(errorOf('ECONNRESET', 'read'));
  assert.deepEqual([code, syscall, deadline, cancelled, attempts], ['ECONNRESET', 'read', false, false, 0]);
});

test('among the errors of several addresses, the most informative one counts', () => {
  const codeOf = (...codes: string[]) =>
    errorFactsOf(new AggregateError(codes.map((code) => errorOf(code, 'connect')))).code;
  assert.equal(codeOf('ECONNREFUSED', 'ECONNREFUSED'), 'ECONNREFUSED');
  assert.equal(codeOf('ENETUNREACH', 'ECONNREFUSED'), 'ECONNREFUSED');
  // The first is the end of Node's own timer: a server may listen there.
  assert.equal(codeOf('ETIMEDOUT', 'ECONNREFUSED'), 'ETIMEDOUT');
  assert.equal(codeOf('ECONNREFUSED', 'ETIMEDOUT'), 'ECONNREFUSED');
  assert.equal(codeOf('ENETUNREACH', 'ETIMEDOUT'), 'ETIMEDOUT');
  assert.equal(codeOf('ENETUNREACH', 'EHOSTUNREACH'), 'ENETUNREACH');
});

test('an AggregateError has its attempts counted', () => {
  const { syscall, attempts } = errorFactsOf(new AggregateError([1, 2].map(() => errorOf('ECONNREFUSED', 'connect'))));
  assert.deepEqual([syscall, attempts], ['connect', 2]);
  assert.deepEqual([errorFactsOf(new AggregateError([])).code, errorFactsOf(new AggregateError([])).attempts], ['', 0]);
});

/** What `http.request` makes of a signal, without a server. */
async function abortedBy(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => {
    http.get({ host: 'never.resolved', lookup: () => {}, signal }).on('error', resolve);
  });
}

test('an aborted signal is a cancellation, and AbortSignal.timeout a deadline', async () => {
  const cancelled = errorFactsOf(await abortedBy(AbortSignal.abort()));
  assert.deepEqual([cancelled.cancelled, cancelled.deadline], [true, false]);
  const timedOut = errorFactsOf(await abortedBy(AbortSignal.abort(new DOMException('too late', 'TimeoutError'))));
  assert.deepEqual([timedOut.cancelled, timedOut.deadline], [true, true]);
});

test('a timeout of a client library has no system call, that of the network has one', () => {
  for (const code of ['ETIMEDOUT', 'ESOCKETTIMEDOUT', 'ECONNABORTED', 'UND_ERR_HEADERS_TIMEOUT']) {
    assert.equal(errorFactsOf(errorOf(code)).deadline, true, code);
    assert.equal(errorFactsOf(errorOf(code, 'read')).deadline, false, code);
  }
});

test('a timer for connecting alone is no deadline of the request', () => {
  for (const code of ['UND_ERR_CONNECT_TIMEOUT', 'ERR_SOCKET_CONNECTION_TIMEOUT']) {
    const { deadline, connectTimer } = errorFactsOf(errorOf(code));
    assert.deepEqual([deadline, connectTimer], [false, true], code);
  }
});

test("Node's timer for one of several addresses is told from the kernel's, which the last one has", () => {
  const [slow, noRoute] = [errorOf('ETIMEDOUT', 'connect'), errorOf('ENETUNREACH', 'connect')];
  assert.equal(errorFactsOf(new AggregateError([slow, noRoute])).connectTimer, true);
  assert.equal(errorFactsOf(new AggregateError([noRoute, slow])).connectTimer, false);
  assert.equal(errorFactsOf(slow).connectTimer, false);
  assert.equal(errorFactsOf(new AggregateError([slow, errorOf('ETIMEDOUT', 'connect')])).connectTimer, false);
});

test('the address that failed is that of the error that counts, and of several the last', () => {
  const at = (address: string, port: unknown) => Object.assign(errorOf('ECONNREFUSED', 'connect'), { address, port });
  assert.deepEqual(errorFactsOf(at('10.0.0.2', 80)).failedAddress, { address: '10.0.0.2', port: 80 });
  const both = new AggregateError([at('::1', 80), at('127.0.0.1', 80)]);
  assert.deepEqual(errorFactsOf(both).failedAddress, { address: '127.0.0.1', port: 80 });
  const noRoute = Object.assign(errorOf('EHOSTUNREACH', 'connect'), { address: '::1', port: 80 });
  const mixed = new AggregateError([at('127.0.0.1', 80), noRoute]);
  assert.deepEqual(errorFactsOf(mixed).failedAddress, { address: '127.0.0.1', port: 80 });
  assert.deepEqual(errorFactsOf(at('/run/d.sock', undefined)).failedAddress, {
    address: '/run/d.sock',
    port: undefined,
  });
  assert.equal(errorFactsOf(errorOf('ECONNREFUSED', 'connect')).failedAddress, undefined);
});

test('a number as code, as in DOMException, is no code', () => {
  const { code, deadline } = errorFactsOf(new DOMException('late', 'TimeoutError'));
  assert.deepEqual([code, deadline], ['', true]);
});

test("an error's message is not read", () => {
  const { code, deadline, cancelled } = errorFactsOf(new Error('socket hang up ETIMEDOUT aborted timeout'));
  assert.deepEqual([code, deadline, cancelled], ['', false, false]);
});

test('whatever was thrown is read without throwing', () => {
  const hostile = new Proxy(new Error('no'), {
    get() {
      throw new Error('not yours');
    },
  });
  assert.equal(errorFactsOf(hostile).code, '');
  assert.equal(errorFactsOf({ errors: [hostile] }).attempts, 1);
  const { proxy, revoke } = Proxy.revocable([], {});
  revoke();
  assert.equal(errorFactsOf({ errors: proxy }).attempts, 0);
  fc.assert(
    fc.property(fc.anything(), (thrown) => {
      const { code, syscall, name, attempts } = errorFactsOf(thrown);
      for (const text of [code, syscall, name]) assert.equal(typeof text, 'string');
      assert.ok(Number.isInteger(attempts) && attempts >= 0);
    }),
  );
});

test('an address that came from outside is clamped, and holds nothing that a terminal obeys', () => {
  const addressOf = (address: string) =>
    errorFactsOf(Object.assign(new Error('refused'), { syscall: 'connect', code: 'ENOENT', address })).failedAddress
      ?.address;
  assert.equal(addressOf('/tmp/no\n\u001b[31msuch.sock\u202e'), '/tmp/no??[31msuch.sock?');
  assert.equal(addressOf('/tmp/s\u00e4ule.sock'), '/tmp/s\u00e4ule.sock');
  assert.equal(addressOf('z'.repeat(200_000))?.length, 256);
});
