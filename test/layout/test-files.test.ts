import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { root } from '../support/root';
import { compiledTests, filesBelow, slowTests } from '../support/test-files';

/** Folders of lock files may have more. */
const MOST_FILES = 13;

test('every test file in test/ is compiled and run, and nothing else is', () => {
  const written = filesBelow('test', '.test.ts').map((file) => `build/${file.replace(/\.ts$/, '.js')}`);
  assert.ok(written.length >= 80, `${written.length} test files`);
  assert.deepEqual([...compiledTests(), ...slowTests()].sort(), written);
});

test('no folder of src/ or test/ holds more than 13 files', () => {
  const folders = new Map<string, number>();
  for (const file of [...filesBelow('src', ''), ...filesBelow('test', '')]) {
    if (!fs.statSync(path.join(root, file)).isFile()) continue;
    const folder = path.dirname(file);
    folders.set(folder, (folders.get(folder) ?? 0) + 1);
  }
  const crowded = [...folders].filter(([folder, count]) => count > MOST_FILES && !folder.startsWith('test/lines/'));
  assert.deepEqual(crowded, []);
});
