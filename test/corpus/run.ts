import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { isolated } from './peers/path';
import { type Job, jobsOf } from './schedule';
import { missedBars } from './score/bars';
import { fitWeights, sourceOf } from './score/fit';
import { reportOn } from './score/report';
import { isHeldOut, type Row } from './score/row';

/*
 * `npm run corpus`: plays every family with all of its seeds, each in a process of its own, and prints what the package
 * made of the failures. `-- --write`: into test/corpus/RESULT.md too. `--fit`: fits the weights of the rival causes.
 * `--rows FILE`: takes the rows of an earlier run. `--only TEXT`: the families with this text in their names.
 * `--sixth`: a part of every kind of family, and only what is kept for the proof.
 */
const root = path.resolve(__dirname, '../../..');
const execute = promisify(execFile);
/** Enough for peers and clients that work, and for those that wait most of the time. */
const [BUSY, WAITING] = [2, 4];

async function play({ family, seed }: Job, prefix: readonly string[]): Promise<Row[]> {
  const program = [process.execPath, path.join(__dirname, 'play.js'), family.name, String(seed)];
  const [command = '', ...args] = family.isolated === true ? [...prefix, ...program] : program;
  try {
    const { stdout } = await execute(command, args, { timeout: 120_000, maxBuffer: 1 << 26 });
    const rows = stdout.split('\n').filter((line) => line.startsWith('{'));
    return rows.map((line) => JSON.parse(line) as Row);
  } catch (error) {
    console.error(`${family.name}, seed ${seed}: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 2;
    return [];
  }
}

async function playAll(jobs: readonly Job[]): Promise<Row[]> {
  const prefix = isolated();
  const names = jobs.filter(({ family }) => family.isolated && prefix === undefined).map(({ family }) => family.name);
  for (const name of new Set(names))
    console.error(`skipped: ${name}: it needs a network namespace (root, iproute2, python3)`);
  const possible = jobs.filter(({ family }) => !family.isolated || prefix !== undefined);
  const rows: Row[] = [];
  const together = async (some: Job[], workers: number) => {
    const work = async () => {
      for (let job = some.shift(); job !== undefined; job = some.shift()) rows.push(...(await play(job, prefix ?? [])));
    };
    await Promise.all(Array.from({ length: workers }, work));
  };
  const isWaiting = ({ family }: Job) => family.churn !== undefined;
  await together(
    possible.filter((job) => !isWaiting(job)),
    BUSY,
  );
  await together(possible.filter(isWaiting), WAITING);
  return rows;
}

async function main(): Promise<void> {
  const option = (name: string) => {
    const at = process.argv.indexOf(`--${name}`);
    return at < 0 ? undefined : (process.argv[at + 1] ?? '');
  };
  const earlier = option('rows');
  const file = earlier ?? path.join(os.tmpdir(), `corpus-${process.version}.ndjson`);
  const only = option('only');
  const isSixth = option('sixth') !== undefined;
  if (earlier === undefined) {
    const rows = await playAll(jobsOf(only ?? '', isSixth));
    fs.writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    console.log(`rows: ${file}, after ${Math.round(performance.now() / 1_000)} s`);
  }
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  const rows = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Row);
  if (option('fit') !== undefined) {
    const source = sourceOf(fitWeights(rows.filter((row) => !isHeldOut(row))));
    fs.writeFileSync(path.join(root, 'src/verdict/causes/weights.ts'), source);
    console.log('src/verdict/causes/weights.ts is written: build, and run the corpus again');
    return;
  }
  const report = reportOn(rows, isSixth ? 'npm run corpus -- --sixth' : 'npm run corpus');
  console.log(report);
  if (option('write') !== undefined) fs.writeFileSync(path.join(root, 'test/corpus/RESULT.md'), report);
  const missed = missedBars(rows, only === undefined && !isSixth);
  for (const sentence of missed) console.error(`not met: ${sentence}`);
  if (missed.length > 0) process.exitCode ||= 1;
}

void main();
