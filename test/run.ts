import { spawnSync } from 'node:child_process';
import { root } from './support/root';
import { compiledTests, slowTests } from './support/test-files';

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
const args = ['--test', `--test-timeout=${TEST_LIMIT_MS}`, ...files];
process.exitCode = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1;
