import assert from 'node:assert/strict';
import { test } from 'node:test';
import shimmer from 'shimmer';
import { SocketInstrumentation } from '../../src/index';

test('a program that shares shimmer with this package keeps its own logger', () => {
  const said: string[] = [];
  shimmer({ logger: (message: string) => said.push(message) });
  const instrumentation = new SocketInstrumentation();
  shimmer.unwrap({ method: () => undefined }, 'method');
  instrumentation.disable();
  assert.equal(said.length, 1);
});
