import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

const rootDir = path.join(__dirname, 'fixtures');

// Runners print colours when the environment has `CI` or FORCE_COLOR: what they print is read here without.
const { FORCE_COLOR: _, ...plain } = process.env;
const env = { ...plain, NO_COLOR: '1' };

/** Runs both test files of `fixtures/runner-*.spec.ts` in one process. */
function run(name: string, ...args: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { env, encoding: 'utf8', timeout: 60_000 });
  assert.equal(status, 0, `${name}: ${stdout}${stderr}`);
  return stdout + stderr;
}

for (const globalsCleanup of ['off', 'soft', 'on']) {
  test(`Jest, each test file with its own globals (cleaned up: ${globalsCleanup}): patched once, each file gets its facts`, () => {
    const cacheDirectory = mkdtempSync(path.join(os.tmpdir(), 'jest-'));
    const config = {
      rootDir,
      cacheDirectory,
      testMatch: ['**/runner-*.spec.js'],
      transform: {},
      testEnvironmentOptions: { globalsCleanup },
      watchman: false,
    };
    const jest = require.resolve('jest/bin/jest');
    const told = run('Jest', jest, '--config', JSON.stringify(config), '--runInBand', '--forceExit');
    rmSync(cacheDirectory, { recursive: true });
    assert.match(told, /Tests: +2 passed, 2 total/);
    assert.doesNotMatch(told, /torn down|an observer failed/);
  });
}

for (const pool of ['forks', 'threads']) {
  test(`Vitest, both test files in one of its ${pool}, module registries reset: patched once`, () => {
    const vitest = path.join(path.dirname(require.resolve('vitest/package.json')), 'vitest.mjs');
    const single = pool === 'forks' ? 'singleFork' : 'singleThread';
    const options = ['--globals', `--pool=${pool}`, `--poolOptions.${pool}.${single}`];
    assert.match(run('Vitest', vitest, 'run', '--root', rootDir, ...options), /Tests +2 passed \(2\)/);
  });
}
