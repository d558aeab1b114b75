import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { root } from '../support/root';
import { demoRun, diagnose } from './run';

const textOf = (page: string) => fs.readFileSync(path.join(root, page), 'utf8');
const blocksOf = (page: string, info: string) =>
  [...textOf(page).matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].flatMap(([, name, block]) =>
    name === info ? [block?.trimEnd()] : [],
  );
const blocks = blocksOf('docs/diagnose.md', 'text');

test('docs/diagnose.md shows what the command prints from the spans of the demo', async () => {
  assert.equal((await diagnose([demoRun])).stdout.trimEnd(), blocks[0]);
});

test('the README shows the first three sections of it', async () => {
  const { stdout } = await diagnose([demoRun]);
  assert.deepEqual(blocksOf('README.md', 'text diagnose'), [stdout.split('\n\n4. ')[0]]);
});

test('docs/diagnose.md shows the help', async () => {
  assert.equal((await diagnose(['--help'])).stdout.trimEnd(), blocks[1]);
});
