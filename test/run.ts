import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { root } from './support/root';
import { filesToRunAgain } from './support/second-run';
import { compiledTests, FILES_AT_ONCE, slowTests } from './support/test-files';

/*
 * Runs the compiled tests on this Node: `npm test`, and with --slow the long ones: `npm run test:slow`. With other
 * arguments, only those whose path contains one of them:
 *   node build/test/run.js failures/ undici/spans
 */
const TEST_LIMIT_MS = 3 * 60_000;

const parts = process.argv.slice(2).filter((argument) => argument !== '--slow');
const all = process.argv.includes('--slow') ? slowTests() : compiledTests();
const files = all.filter((file) => parts.length === 0 || parts.some((part) => file.includes(part)));
if (files.length === 0) throw new Error(`no test file in build/test matches ${parts.join(' or ')}`);

/** The exit code, and what the spec reporter says. */
function run(some: readonly string[], atOnce: number): { status: number; report: string } {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'tests-')), 'report');
  const reporters = ['tap', 'stdout', 'spec', file].map((value, i) =>
    i % 2 === 0 ? `--test-reporter=${value}` : `--test-reporter-destination=${value}`,
  );
  const limits = [`--test-concurrency=${atOnce}`, `--test-timeout=${TEST_LIMIT_MS}`];
  const args = ['--test', ...limits, ...reporters, ...some];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  const report = stripVTControlCharacters(fs.readFileSync(file, 'utf8'));
  fs.rmSync(path.dirname(file), { recursive: true });
  return { status: status ?? 1, report };
}

const first = run(files, FILES_AT_ONCE);
const again = process.env.CI === 'true' && first.status !== 0 ? filesToRunAgain(first.report) : [];
if (again.length > 0) console.log(`\nIn CI, what failed runs again, alone: ${again.join(', ')}`);
process.exitCode = again.length > 0 ? run(again, 1).status : first.status;
