import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { endAll, play, type Run } from './play';
import { advisedIdleTimeoutMs, printFixed, unexpectedOutcomes } from './print/fixed';
import { printScenario } from './print/scenario';
import { printSummary } from './print/summary';
import { bold, dim, green, hideProgress, line, red, showProgress, wrapped } from './print/terminal';
import { all, common, healthy, NOT_PLAYED, scenarioOf } from './scenarios/all';
import { falseVerdicts, unmetExpectations } from './truth';

const LONGEST_MS = 90_000;
/** How long the client waits for a report: too short at first, long enough when it follows the advice. */
const REPORT_TIMEOUT_MS = 300;
const FIXED_REPORT_TIMEOUT_MS = 5_000;

const { values: options } = parseArgs({
  options: {
    all: { type: 'boolean', default: false },
    fixed: { type: 'boolean', default: false },
    /** Where the spans go; by default, `--fixed` leaves those of another run alone. */
    spans: { type: 'string' },
  },
});
const { all: isAll, fixed: isFixed } = options;
const spansFile = options.spans ?? path.join(__dirname, `../../demo-${isFixed ? 'fixed-' : ''}spans.jsonl`);
const COMMON = [...common, healthy].map(({ id }) => id);
const startedMs = performance.now();

const withoutIt = (scenarios: readonly string[]) =>
  ({ mode: 'without', scenarios, reportTimeoutMs: REPORT_TIMEOUT_MS, spansFile }) as const;
const withIt = (scenarios: readonly string[]) => ({ ...withoutIt(scenarios), mode: 'with' }) as const;

/** Of the summary, with every cause: which hosts reset, on which requests, whose timeout is shorter. */
const SECTIONS = 3;

const LEGEND =
  'Title: what really happens. without: what the span says on its own. why, fix, retry: what this package makes it say; ' +
  'span: its attributes, without the prefix "socket." (confidence: certain is proof, likely good evidence, possible a ' +
  'lead; initiator: who ended it; sent: what the peer may have of it; reuse_count: earlier requests on its connection)';

let requests = 0;
const onMessage = (runs: readonly Run[]) => {
  requests = runs.reduce((sum, { outcomes }) => sum + outcomes.length, 0);
};
const progress = () => showProgress(() => `playing: ${requests} requests so far`);

/** Two clients, one without and one with the package, at the same time and against the same misbehaving upstreams. */
async function demo(): Promise<readonly string[]> {
  const ids = isAll ? all.map(({ id }) => id) : COMMON;
  const failures = ids.length - ids.filter((id) => scenarioOf(id).expected.every(({ failure }) => !failure)).length;
  wrapped('', `${failures} ways in which a request fails, then requests that succeed`, bold);
  wrapped('', LEGEND, dim);
  progress();
  let number = 0;
  const onPlayed = (id: string, [plain, observed]: readonly Run[]) => {
    if (plain === undefined || observed === undefined) return;
    hideProgress();
    if (number > 0) line();
    number += 1;
    printScenario(number, scenarioOf(id), plain, observed);
    progress();
  };
  const [plain, observed] = await play([withoutIt(ids), withIt(ids)], { onMessage, onPlayed });
  hideProgress();
  if (plain === undefined || observed === undefined) return ['there was no run'];
  if (isAll) printNotPlayed();
  line();
  await printSummary(spansFile, isAll ? SECTIONS : 0);
  line();
  return [...plain.problems, ...observed.problems, ...unmetExpectations(observed, plain)];
}

function printNotPlayed(): void {
  line();
  line(bold('Not played'));
  for (const [cause, why] of Object.entries(NOT_PLAYED)) wrapped('   ', `${cause}: ${why}`);
  line();
}

/** The client with the package, before and after it follows the advice on its spans. */
async function fixedDemo(): Promise<readonly string[]> {
  const ids = [...COMMON, 'stale-rst', 'near-miss'];
  progress();
  const [before] = await play([withIt(ids)], { onMessage });
  if (before === undefined) return ['there was no run'];
  const idleTimeoutMs = advisedIdleTimeoutMs(before);
  const advised = { reportTimeoutMs: FIXED_REPORT_TIMEOUT_MS, idleTimeoutMs };
  const [fixed] = await play([{ mode: 'fixed', scenarios: ids, ...advised }], { onMessage });
  hideProgress();
  if (fixed === undefined) return ['there was no second run'];
  printFixed(before, fixed, idleTimeoutMs, FIXED_REPORT_TIMEOUT_MS);
  return [
    ...before.problems,
    ...fixed.problems,
    ...unmetExpectations(before),
    ...falseVerdicts(fixed),
    ...unexpectedOutcomes(fixed),
  ];
}

function end(code: number): never {
  hideProgress();
  endAll();
  process.exit(code);
}

async function main(): Promise<void> {
  fs.rmSync(spansFile, { force: true });
  const problems = await (isFixed ? fixedDemo() : demo());
  if (problems.length > 0) line(red('Some results are not the expected ones:'));
  for (const problem of problems) wrapped('   ', problem, red);
  const seconds = Math.round((performance.now() - startedMs) / 1_000);
  const verdict = `No verdict contradicts what the upstreams say that they did; ${seconds} s in all.`;
  const next = isFixed || isAll ? '' : ' More: npm run demo -- --all, or -- --fixed';
  if (problems.length === 0) wrapped('', verdict + next, green);
  end(problems.length === 0 ? 0 : 1);
}

process.on('exit', endAll);
process.on('SIGINT', () => end(130));
process.on('SIGTERM', () => end(143));
setTimeout(() => {
  line(red('The demo did not finish in time.'));
  end(1);
}, LONGEST_MS).unref();
main().catch((error: unknown) => {
  line(red(String(error)));
  end(1);
});
