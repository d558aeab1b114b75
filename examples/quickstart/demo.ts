import { advisedIdleTimeoutMs, printFixed, unexpectedOutcomes } from './fixed';
import { endAll, play, type Run } from './play';
import { bold, green, line, printScenarios, progressLine, red, wrapped } from './print';
import { printSummary } from './summary';
import { falseVerdicts, unmetExpectations } from './truth';

const LONGEST_MS = 58_000;
/** How long the client waits for a report: too short at first, long enough when it follows the advice. */
const REPORT_TIMEOUT_MS = 300;
const FIXED_REPORT_TIMEOUT_MS = 5_000;

let requests = 0;
const count = () => {
  requests += 1;
};
const without = () => play({ mode: 'without', reportTimeoutMs: REPORT_TIMEOUT_MS }, count);
const withIt = () => play({ mode: 'with', reportTimeoutMs: REPORT_TIMEOUT_MS }, count);

/** The same client with and without the package, each against misbehaving upstreams of its own. */
async function demo(): Promise<readonly string[]> {
  const [plain, observed] = await waiting(Promise.all([without(), withIt()]));
  const title = 'What happens to connections, and what spans say about it without this package and with it';
  wrapped('', title, bold);
  printScenarios(plain, observed);
  printSummary(observed);
  return [...plain.problems, ...observed.problems, ...unmetExpectations(observed, plain)];
}

/** The client with the package, before and after it follows the advice on its spans. */
async function fixedDemo(): Promise<readonly string[]> {
  const runs = async (): Promise<[Run, Run, number]> => {
    const before = await withIt();
    const idleTimeoutMs = advisedIdleTimeoutMs(before);
    const setup = { mode: 'fixed', reportTimeoutMs: FIXED_REPORT_TIMEOUT_MS, idleTimeoutMs } as const;
    return [before, await play(setup, count), idleTimeoutMs];
  };
  const [before, fixed, idleTimeoutMs] = await waiting(runs());
  printSummary(before);
  printFixed(before, fixed, idleTimeoutMs, FIXED_REPORT_TIMEOUT_MS);
  return [
    ...before.problems,
    ...fixed.problems,
    ...unmetExpectations(before),
    ...falseVerdicts(fixed),
    ...unexpectedOutcomes(fixed),
  ];
}

let removeProgress: () => void = () => undefined;

async function waiting<T>(runs: Promise<T>): Promise<T> {
  removeProgress = progressLine(() => `playing: ${requests} requests so far`);
  return runs.finally(removeProgress);
}

function end(code: number): never {
  removeProgress();
  endAll();
  process.exit(code);
}

async function main(): Promise<void> {
  const isFixed = process.argv.includes('--fixed');
  const started = performance.now();
  const problems = await (isFixed ? fixedDemo() : demo());
  line();
  if (problems.length > 0) line(red('Some results are not the expected ones:'));
  for (const problem of problems) wrapped('   ', problem, red);
  const verdict = `Every verdict was checked against what the upstreams really did, in ${seconds(started)}.`;
  if (problems.length === 0) wrapped('', verdict, green);
  if (problems.length === 0 && !isFixed) line('Next: npm run demo -- --fixed');
  end(problems.length === 0 ? 0 : 1);
}

const seconds = (startedMs: number) => `${Math.round((performance.now() - startedMs) / 1_000)} s`;

process.on('exit', endAll);
process.on('SIGINT', () => end(130));
process.on('SIGTERM', () => end(143));
setTimeout(() => {
  line(red('The demo did not finish within a minute.'));
  end(1);
}, LONGEST_MS).unref();
main().catch((error: unknown) => {
  line(red(String(error)));
  end(1);
});
