import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { root } from '../support/root';
import { demoRun, diagnose } from './run';

const text = fs.readFileSync(path.join(root, 'docs/diagnose.md'), 'utf8');
const blocks = [...text.matchAll(/^```text\n([\s\S]*?)^```$/gm)].map(([, block]) => block?.trimEnd());

test('docs/diagnose.md shows what the command prints from the spans of the demo', async () => {
  assert.equal((await diagnose([demoRun])).stdout.trimEnd(), blocks[0]);
});

test('docs/diagnose.md shows the help', async () => {
  assert.equal((await diagnose(['--help'])).stdout.trimEnd(), blocks[1]);
});
