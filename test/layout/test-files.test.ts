import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compiledTests, filesBelow } from '../support/test-files';

test('every test file in test/ is compiled and run, and nothing else is', () => {
  const written = filesBelow('test', '.test.ts').map((file) => `build/${file.replace(/\.ts$/, '.js')}`);
  assert.ok(written.length >= 80, `${written.length} test files`);
  assert.deepEqual(compiledTests(), written);
});
