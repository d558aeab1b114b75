import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { answerOf, ask, type Plan, start } from './pairs';
import { isServed, type Mode } from './scenario';
import { median } from './statistics';

/*
 * How many bytes the package adds to what one request allocates, compared with the figures of allocation.json: more is a
 * failure. Nothing is optimised, so that the figures depend neither on how busy the machine is nor on when V8 optimises
 * what: it would save some of these allocations, sometimes earlier and sometimes later.
 *   node build/bench/allocation.js               this Node
 *   node build/bench/allocation.js --write       its figures become the committed ones
 *   node build/bench/allocation.js --optimised   prints what a process allocates after 5,000 requests
 */
interface Run {
  readonly flags: readonly string[];
  readonly warmUp: number;
  readonly requests: number;
  /** A client's heap is collected after the warm-up: the young generation has no room for all of these requests. */
  readonly isCollected: boolean;
}

/** A young generation larger than the run, so that no collection interferes. */
const YOUNG = ['--min-semi-space-size=256', '--max-semi-space-size=256', '--single-threaded'];
const INTERPRETED: Run = {
  flags: [...YOUNG, '--no-opt', '--no-maglev'],
  warmUp: 1_000,
  requests: 1_000,
  isCollected: false,
};
const OPTIMISED: Run = { flags: YOUNG, warmUp: 5_000, requests: 2_000, isCollected: true };
/** Rounds behind a committed figure, which is the highest; and how often a figure that is too high is measured. */
const ROUNDS = 5;
const TOLERANCE_BYTES = 150;
const MEASURED: readonly Mode[] = ['http', 'fetch', 'server'];

const figuresFile = path.resolve(__dirname, '../../bench/allocation.json');
const major = process.versions.node.split('.')[0] ?? '';

type Figures = Record<string, Record<string, number>>;

/** Bytes that the package adds to one request of this mode, measured until `isEnough`, at most `ROUNDS` times. */
async function addedBytes(run: Run, mode: Mode, isEnough: (bytes: number) => boolean): Promise<number[]> {
  const plan: Plan = {
    scenario: { mode },
    configurations: [],
    pairs: 1,
    // What the child itself warms up with, before it collects.
    warmUp: run.isCollected ? run.warmUp : 0,
    slices: 1,
    sliceRequests: run.requests,
    concurrency: 10,
  };
  const upstream = start(plan, { role: 'upstream', configuration: 'bare' });
  const { port } = await answerOf(upstream);
  const added: number[] = [];
  do {
    const without = await allocated(run, plan, 'peers', port);
    added.push(Math.round((await allocated(run, plan, 'ours', port)) - without));
  } while (added.length < ROUNDS && !isEnough(added.at(-1) ?? Number.NaN));
  upstream.disconnect();
  return added;
}

async function allocated(
  { flags, warmUp, requests, isCollected }: Run,
  plan: Plan,
  configuration: string,
  port: number | undefined,
): Promise<number> {
  const child = start(plan, { role: 'measured', configuration, port }, flags);
  const { port: served } = await answerOf(child);
  if (!isServed(plan.scenario.mode)) {
    if (!isCollected) await ask(child, { requests: warmUp });
    const { bytes = Number.NaN } = await ask(child, { requests });
    child.disconnect();
    return bytes / requests;
  }
  const load = start(plan, { role: 'load', configuration: 'bare' });
  await answerOf(load);
  await ask(load, { port: served, requests: warmUp });
  const { bytes: before = Number.NaN } = await ask(child, { requests: 0 });
  await ask(load, { port: served, requests });
  const { bytes: after = Number.NaN } = await ask(child, { requests: 0 });
  child.disconnect();
  load.disconnect();
  return (after - before) / requests;
}

/** Makes the figures of this Node the committed ones. */
async function write(figures: Figures): Promise<void> {
  const measured: Record<string, number> = {};
  for (const mode of MEASURED) measured[mode] = Math.max(...(await addedBytes(INTERPRETED, mode, () => false)));
  writeFileSync(figuresFile, `${JSON.stringify({ ...figures, [major]: measured }, null, 2)}\n`);
  console.log(`Node ${process.version}: ${JSON.stringify(measured)} written`);
}

/** Fails if the package adds more than the committed figures of this Node say. */
async function check(figures: Figures): Promise<void> {
  const committed = figures[major];
  if (committed === undefined)
    throw new Error(`bench/allocation.json has no figures for Node ${major}: run with --write`);
  for (const mode of MEASURED) {
    const expected = committed[mode] ?? Number.NaN;
    const isWithin = (bytes: number) => bytes <= expected + TOLERANCE_BYTES;
    const rounds = await addedBytes(INTERPRETED, mode, isWithin);
    const bytes = Math.min(...rounds);
    const verdict = isWithin(bytes) ? 'not more' : 'MORE';
    console.log(`Node ${process.version}, ${mode}: ${bytes} bytes a request added, committed ${expected}: ${verdict}`);
    if (!isWithin(bytes)) process.exitCode = 1;
  }
}

async function printOptimised(): Promise<void> {
  for (const mode of MEASURED) {
    const rounds = await addedBytes(OPTIMISED, mode, () => false);
    console.log(`Node ${process.version}, ${mode}: ${median(rounds)} bytes a request added, of ${rounds.join(', ')}`);
  }
}

if (require.main === module) {
  const figures = JSON.parse(readFileSync(figuresFile, 'utf8')) as Figures;
  if (process.argv.includes('--optimised')) void printOptimised();
  else void (process.argv.includes('--write') ? write(figures) : check(figures));
}
