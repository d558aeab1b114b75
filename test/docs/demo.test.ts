import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { all, common, NOT_PLAYED } from '../../examples/quickstart/scenarios/all';
import { FAILURE_CAUSES } from '../../src/verdict/failure';

const causesOf = (scenarios: typeof all) =>
  new Set(scenarios.flatMap(({ expected }) => expected.flatMap(({ failure }) => failure?.cause ?? [])));

test('the demo plays every cause, or says why it cannot', () => {
  const played = [...causesOf(all)].filter((cause) => NOT_PLAYED[cause] === undefined);
  assert.deepEqual([...played, ...Object.keys(NOT_PLAYED)].sort(), [...FAILURE_CAUSES].sort());
  assert.equal(common.length, 6);
});

test('the demo says why, fix and retry of six failures in 60 lines, with code that is not wrapped', () => {
  const demo = path.join(__dirname, '../../examples/quickstart/demo.js');
  const { stdout, stderr, status } = spawnSync(process.execPath, [demo], { encoding: 'utf8' });
  assert.equal(status, 0, stdout + stderr);
  const lines = stdout.trimEnd().split('\n');
  assert.ok(lines.length <= 60, `${lines.length} lines`);
  assert.ok(!stdout.includes('\u001b'), 'colours, although nobody looks');
  assert.ok(lines.includes(`${' '.repeat(12)}new http.Agent({ keepAlive: true, timeout: 1000 })`), stdout);
  for (const label of ['without', 'why', 'fix', 'retry', 'span']) {
    const found = lines.filter((line) => line.startsWith(`   ${label} `));
    assert.equal(found.length, label === 'span' ? 7 : 6, label);
  }
  const titles = lines.filter((line) => /^\d+\. /.test(line));
  assert.equal(titles.length, 7);
  assert.match(titles.at(-1) ?? '', /succeed/);
});
