import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { answerOf, ask, type Plan, start } from './pairs';
import { isServed, type Mode } from './scenario';
import { median } from './statistics';

/*
 * How many bytes the package adds to what one request allocates, compared with the figures of allocation.json: more is a
 * failure. Bytes hardly depend on how busy the machine is.
 *   node build/bench/allocation.js [--write]     this Node; with --write its figures become the committed ones
 */
const REQUESTS = 2_000;
const WARM_UP = 5_000;
/** Rounds behind a committed figure; and how often a figure that is too high is measured again, because more repeats. */
const ROUNDS = 3;
const TOLERANCE_BYTES = 150;
/**
 * A young generation larger than the run, so that no collection interferes; and functions are optimised at the same
 * request in each run, because nothing is compiled in another thread.
 */
const FLAGS = ['--min-semi-space-size=256', '--max-semi-space-size=256', '--single-threaded'];
const MEASURED: readonly Mode[] = ['http', 'fetch', 'server'];

const figuresFile = path.resolve(__dirname, '../../bench/allocation.json');
const major = process.versions.node.split('.')[0] ?? '';

type Figures = Record<string, Record<string, number>>;

/** Bytes that the package adds to one request of this mode, measured until `isEnough`, at most `ROUNDS` times. */
async function addedBytes(mode: Mode, isEnough: (bytes: number) => boolean): Promise<number[]> {
  const plan: Plan = {
    scenario: { mode },
    configurations: [],
    pairs: 1,
    warmUp: WARM_UP,
    slices: 1,
    sliceRequests: REQUESTS,
    concurrency: 10,
  };
  const upstream = start(plan, { role: 'upstream', configuration: 'bare' });
  const { port } = await answerOf(upstream);
  const added: number[] = [];
  do {
    const without = await allocated(plan, 'peers', port);
    added.push(Math.round((await allocated(plan, 'ours', port)) - without));
  } while (added.length < ROUNDS && !isEnough(added.at(-1) ?? Number.NaN));
  upstream.disconnect();
  return added;
}

async function allocated(plan: Plan, configuration: string, port: number | undefined): Promise<number> {
  const child = start(plan, { role: 'measured', configuration, port }, FLAGS);
  const { port: served } = await answerOf(child);
  if (!isServed(plan.scenario.mode)) {
    const { bytes = Number.NaN } = await ask(child, { requests: REQUESTS });
    child.disconnect();
    return bytes / REQUESTS;
  }
  const load = start(plan, { role: 'load', configuration: 'bare' });
  await answerOf(load);
  await ask(load, { port: served, requests: WARM_UP });
  const { bytes: before = Number.NaN } = await ask(child, { requests: 0, collect: true });
  await ask(load, { port: served, requests: REQUESTS });
  const { bytes: after = Number.NaN } = await ask(child, { requests: 0 });
  child.disconnect();
  load.disconnect();
  return (after - before) / REQUESTS;
}

/** Makes the figures of this Node the committed ones. */
async function write(figures: Figures): Promise<void> {
  const measured: Record<string, number> = {};
  for (const mode of MEASURED) measured[mode] = median(await addedBytes(mode, () => false));
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
    const rounds = await addedBytes(mode, isWithin);
    const bytes = Math.min(...rounds);
    const isLess = bytes < expected - TOLERANCE_BYTES;
    const verdict = isWithin(bytes) ? (isLess ? 'less: run with --write' : 'as committed') : 'MORE than committed';
    console.log(`Node ${process.version}, ${mode}: ${bytes} bytes a request added, committed ${expected}: ${verdict}`);
    if (!isWithin(bytes)) process.exitCode = 1;
  }
}

if (require.main === module) {
  const figures = JSON.parse(readFileSync(figuresFile, 'utf8')) as Figures;
  void (process.argv.includes('--write') ? write(figures) : check(figures));
}
