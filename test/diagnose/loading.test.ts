import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { root } from '../support/root';
import { command, demoRun } from './run';

/** The files that Node has loaded when this code has run. */
function loadedBy(code: string): string[] {
  const argv = `process.argv.push('diagnose', ${JSON.stringify(demoRun)})`;
  const loaded = `process.on('exit', () => console.error(JSON.stringify(Object.keys(require.cache))))`;
  const { stderr } = spawnSync(process.execPath, ['-e', `${argv}; ${code}; ${loaded}`], {
    cwd: root,
    encoding: 'utf8',
  });
  return JSON.parse(stderr.trim().split('\n').at(-1) ?? '') as string[];
}

test('the package root and /register load no file of the command', () => {
  for (const entry of ['build/package/index.js', 'build/package/register.js', 'build/src/index.js']) {
    const files = loadedBy(`require(${JSON.stringify(path.join(root, entry))})`);
    assert.ok(files.length > 1, entry);
    assert.deepEqual(
      files.filter((file) => file.includes('diagnose')),
      [],
    );
  }
});

test('the command loads nothing but itself: no OpenTelemetry, no instrumentation', () => {
  assert.deepEqual(loadedBy(`require(${JSON.stringify(command)})`), [command]);
});
