import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { all, common, NOT_PLAYED } from '../../examples/quickstart/scenarios/all';
import { FAILURE_CAUSES } from '../../src/verdict/failure';
import { command, temporary } from '../diagnose/run';

const causesOf = (scenarios: typeof all) =>
  new Set(scenarios.flatMap(({ expected }) => expected.flatMap(({ failure }) => failure?.cause ?? [])));

test('the demo plays every cause, or says why it cannot', () => {
  const played = [...causesOf(all)].filter((cause) => NOT_PLAYED[cause] === undefined);
  assert.deepEqual([...played, ...Object.keys(NOT_PLAYED)].sort(), [...FAILURE_CAUSES].sort());
  assert.equal(common.length, 6);
});

test('the demo says why, fix and retry of six failures, and ends with what diagnose makes of its spans', () => {
  const demo = path.join(__dirname, '../../examples/quickstart/demo.js');
  const spans = temporary('spans.jsonl');
  const { stdout, stderr, status } = spawnSync(process.execPath, [demo, '--spans', spans], { encoding: 'utf8' });
  assert.equal(status, 0, stdout + stderr);
  const [played = '', summary = ''] = stdout.split(/^(?=\d+ requests of )/m);
  const lines = played.trimEnd().split('\n');
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

  const env = { ...process.env, COLUMNS: '120' };
  const said = spawnSync(process.execPath, [command, 'diagnose', spans], { encoding: 'utf8', env });
  assert.equal(said.status, 1, said.stderr);
  const [head = ''] = said.stdout.split('\n\n1. Which hosts');
  assert.match(head, /requests of shop-with, .* avoidable/s);
  assert.ok(summary.startsWith(`${head}\n\nHosts, idle timeouts, incidents, what to change: npx`), summary);
});
