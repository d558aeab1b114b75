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
const WARM_UP = 10_000;
const ROUNDS = 3;
const TOLERANCE_BYTES = 150;
/** A young generation larger than the run, so that no collection interferes. */
const HEAP = ['--min-semi-space-size=256', '--max-semi-space-size=256'];
const MEASURED: readonly Mode[] = ['http', 'fetch', 'server'];

const figuresFile = path.resolve(__dirname, '../../bench/allocation.json');
const major = process.versions.node.split('.')[0] ?? '';

type Figures = Record<string, Record<string, number>>;

/** Bytes that the package adds to one request of this mode. */
export async function addedBytes(mode: Mode): Promise<number> {
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
  for (let i = 0; i < ROUNDS; i += 1) {
    const without = await allocated(plan, 'peers', port);
    added.push((await allocated(plan, 'ours', port)) - without);
  }
  upstream.disconnect();
  return Math.round(median(added));
}

async function allocated(plan: Plan, configuration: string, port: number | undefined): Promise<number> {
  const child = start(plan, { role: 'measured', configuration, port }, HEAP);
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

async function main(): Promise<void> {
  const figures = JSON.parse(readFileSync(figuresFile, 'utf8')) as Figures;
  const measured: Record<string, number> = {};
  for (const mode of MEASURED) measured[mode] = await addedBytes(mode);
  if (process.argv.includes('--write')) {
    writeFileSync(figuresFile, `${JSON.stringify({ ...figures, [major]: measured }, null, 2)}\n`);
    console.log(`Node ${process.version}: ${JSON.stringify(measured)} written`);
    return;
  }
  const committed = figures[major];
  if (committed === undefined)
    throw new Error(`bench/allocation.json has no figures for Node ${major}: run with --write`);
  for (const [mode, bytes] of Object.entries(measured)) {
    const expected = committed[mode] ?? Number.NaN;
    const isMore = !(bytes <= expected + TOLERANCE_BYTES);
    const verdict = isMore
      ? 'MORE than committed'
      : bytes < expected - TOLERANCE_BYTES
        ? 'less: run with --write'
        : 'as committed';
    console.log(`Node ${process.version}, ${mode}: ${bytes} bytes a request added, committed ${expected}: ${verdict}`);
    if (isMore) process.exitCode = 1;
  }
}

if (require.main === module) void main();
