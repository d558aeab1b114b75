import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forgetRequestOrigins, requestOriginOf } from '../../src/observe/undici/request-origin';

test('the origin of a request is parsed once, until the observation ends', () => {
  const one = requestOriginOf('http://[::1]:8080');
  assert.deepEqual([one?.protocol, one?.host, one?.port], ['http:', '::1', 8080]);
  assert.equal(requestOriginOf('http://[::1]:8080'), one);
  forgetRequestOrigins();
  assert.notEqual(requestOriginOf('http://[::1]:8080'), one);
});

test('an origin that is longer than any host name is not kept', () => {
  const long = `http://${'a'.repeat(1_000_000)}.invalid`;
  const one = requestOriginOf(long);
  assert.notEqual(one, undefined);
  assert.notEqual(requestOriginOf(long), one);
});
