import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filesToRunAgain } from '../support/second-run';

const report = (...files: string[]) =>
  `test at build/test/a.test.js:1:1\n✖ failing tests:\n${files.map((file) => `\ntest at ${file}:5:6\n✖ it\n`).join('')}`;

test('each failing file runs again once, and none if many fail', () => {
  assert.deepEqual(filesToRunAgain(report('build/test/b.test.js', 'build/test/c/d.test.js', 'build/test/b.test.js')), [
    'build/test/b.test.js',
    'build/test/c/d.test.js',
  ]);
  assert.deepEqual(filesToRunAgain('all passed'), []);
  const many = Array.from({ length: 6 }, (_, i) => `build/test/${i}.test.js`);
  assert.deepEqual(filesToRunAgain(report(...many)), []);
});
