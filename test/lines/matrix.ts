import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs, stripVTControlCharacters } from 'node:util';
import { root } from '../support/root';
import { filesToRunAgain } from '../support/second-run';
import { compiledTests, FILES_AT_ONCE } from '../support/test-files';
import { cache, installLine, installNode, LINES, type Line, NODES, resolvedVersions } from './lines';

/*
 * Runs the compiled tests on each Node with each OpenTelemetry line that supports it, one cell after the other:
 *   npm run test:matrix -- --node 24 --line otel3 --test http-client
 * Every option may be repeated; --test takes a part of a file's path. Without it, a cell leaves out what shows nothing
 * new there.
 */

interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What the test runner says about the failures; empty if there are none. */
  readonly complaint: string;
}

const TEST_LIMIT_MS = 3 * 60_000;
const CELL_LIMIT_MS = 15 * 60_000;

const { values: only } = parseArgs({
  options: {
    node: { type: 'string', multiple: true, default: Object.keys(NODES) },
    line: { type: 'string', multiple: true, default: LINES.map((line) => line.name) },
    test: { type: 'string', multiple: true },
  },
});

/** They check the repository and its pages: `npm test` plays them, and neither Node nor a line changes them. */
const OF_THE_REPOSITORY = ['package/checks', 'package/packing', '/docs/', '/corpus/', '/layout/'];
/** Ten thousand calls at once, and what imports no OpenTelemetry, depend on the Node alone: one line plays them. */
const OF_NODE = ['/truth/', '/verdict/', '/peer/'];

function testFiles(line: Line): string[] {
  const named = (parts: readonly string[]) => (file: string) => parts.some((part) => file.includes(part));
  if (only.test !== undefined) return compiledTests().filter(named(only.test));
  const isLeftOut = named(line === LINES[0] ? OF_THE_REPOSITORY : [...OF_THE_REPOSITORY, ...OF_NODE]);
  return compiledTests().filter((file) => !isLeftOut(file));
}

function readOutcome(report: string, status: number | null): Outcome {
  const count = (word: string) =>
    Number(/(\d+)$/.exec(report.match(RegExp(`^\\S+ ${word} \\d+$`, 'gm'))?.at(-1) ?? '0')?.[1]);
  const passed = count('pass');
  const failed = count('fail') + count('cancelled');
  const skipped = count('skipped');
  if (status === 0 && passed > 0 && failed === 0) return { passed, failed, skipped, complaint: '' };
  const complaint = report.split('failing tests:').at(1) ?? report.slice(-4000);
  return { passed, failed: Math.max(failed, 1), skipped, complaint };
}

function runCell(node: string, copy: string, files: readonly string[], log: string, atOnce: number): Outcome {
  const limits = [`--test-concurrency=${atOnce}`, `--test-timeout=${TEST_LIMIT_MS}`];
  const output = fs.openSync(log, 'w');
  const { status } = spawnSync(node, ['--test', ...limits, '--test-reporter=spec', ...files], {
    cwd: copy,
    env: { ...process.env, PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH}` },
    stdio: ['ignore', output, output],
    timeout: CELL_LIMIT_MS,
  });
  fs.closeSync(output);
  return readOutcome(stripVTControlCharacters(fs.readFileSync(log, 'utf8')), status);
}

/** Files that fail run a second time, alone: a machine that is busy for a moment is no defect, but is reported. */
function runTwice(node: string, copy: string, files: readonly string[], log: string): Outcome {
  const first = runCell(node, copy, files, log, FILES_AT_ONCE);
  const again = filesToRunAgain(`failing tests:${first.complaint}`);
  if (first.failed === 0 || again.length === 0) return first;
  const second = runCell(node, copy, again, `${log}.second`, 1);
  console.log(`${first.failed} failed; run again: ${again.join(', ')}: ${second.failed} failed`);
  return second.failed > 0 ? first : { ...first, passed: first.passed + first.failed, failed: 0, complaint: '' };
}

function runMatrix(scratch: string): Outcome[] {
  const logs = path.join(cache, 'matrix');
  fs.mkdirSync(logs, { recursive: true });
  const outcomes: Outcome[] = [];
  for (const line of LINES.filter(({ name }) => only.line.includes(name))) {
    const majors = line.nodes.filter((major) => only.node.includes(major));
    if (majors.length === 0) continue;
    const files = testFiles(line);
    if (files.length === 0) throw new Error(`no test file of build/test matches ${only.test?.join(' or ')}`);
    const copy = installLine(line, scratch);
    for (const major of majors) {
      const version = NODES[major] ?? major;
      const node = installNode(version);
      const versions = resolvedVersions(node, line, copy);
      const log = path.join(logs, `node-${major}-${line.name}.log`);
      const startMs = performance.now();
      const outcome = runTwice(node, copy, files, log);
      const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
      const { passed, failed, skipped, complaint } = outcome;
      const counts = `${passed} passed, ${failed} failed, ${skipped} skipped`;
      console.log(`Node ${version}, ${line.name} (${versions}): ${counts} in ${seconds} s`);
      const heading = `\nNode ${version}, ${line.name}, all of it in ${path.relative(root, log)}:\n`;
      outcomes.push({ ...outcome, complaint: complaint && heading + complaint });
    }
  }
  return outcomes;
}

function main(): void {
  const scratch = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'matrix-')));
  try {
    const outcomes = runMatrix(scratch);
    const sum = (key: 'passed' | 'failed' | 'skipped') => outcomes.reduce((total, outcome) => total + outcome[key], 0);
    for (const { complaint } of outcomes) if (complaint !== '') console.log(complaint);
    if (outcomes.length === 0) throw new Error(`no cell has Node ${only.node.join(', ')} and ${only.line.join(', ')}`);
    console.log(`\n${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);
    process.exitCode = sum('failed') === 0 ? 0 : 1;
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

main();
