import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { FAMILIES } from './families';
import type { Family } from './families/family';
import { fitWeights, sourceOf } from './fit';
import { isolated } from './peers/path';
import type { Row } from './play';
import { failuresOf, reportOn } from './report';

/*
 * `npm run corpus`: plays every family with all of its seeds, each in a process of its own, and prints what the package
 * made of the failures. `-- --write`: into test/corpus/RESULT.md too. `--fit`: fits the
 * weights of the rival causes. `--rows FILE`: takes the rows of an earlier run.
 * `--only TEXT`: the families with this text in their names.
 */
const root = path.resolve(__dirname, '../../..');
const execute = promisify(execFile);

async function play({ name, isolated }: Family, seed: number, prefix: readonly string[]): Promise<Row[]> {
  const program = [process.execPath, path.join(__dirname, 'play.js'), name, String(seed)];
  const [command = '', ...args] = isolated === true ? [...prefix, ...program] : program;
  const { stdout } = await execute(command, args, { timeout: 120_000, maxBuffer: 1 << 26 });
  const rows = stdout.split('\n').filter((line) => line.startsWith('{'));
  return rows.map((line) => JSON.parse(line) as Row);
}

/** Two at a time: the peers need the processor as well. */
async function playAll(only: string): Promise<Row[]> {
  const prefix = isolated();
  const families = FAMILIES.filter(({ name }) => name.includes(only));
  for (const { name } of families.filter((one) => one.isolated && prefix === undefined))
    console.error(`skipped: ${name}: it needs a network namespace (root, iproute2, python3)`);
  const jobs = families
    .filter((one) => !one.isolated || prefix !== undefined)
    .flatMap((family) => Array.from({ length: family.seeds }, (_, i) => ({ family, seed: i + 1 })));
  const rows: Row[] = [];
  const worker = async () => {
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
      const { family, seed } = job;
      const played = play(family, seed, prefix ?? []).catch((error: Error) => {
        console.error(`${family.name}, seed ${seed}: ${error.message}`);
        process.exitCode = 2;
        return [];
      });
      rows.push(...(await played));
    }
  };
  await Promise.all([worker(), worker()]);
  return rows;
}

async function main(): Promise<void> {
  const option = (name: string) => {
    const at = process.argv.indexOf(`--${name}`);
    return at < 0 ? undefined : (process.argv[at + 1] ?? '');
  };
  const file = option('rows') ?? path.join(os.tmpdir(), `corpus-${process.version}.ndjson`);
  let rows: Row[];
  if (option('rows') === undefined) {
    rows = await playAll(option('only') ?? '');
    fs.writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    console.log(`rows: ${file}`);
  } else {
    rows = fs
      .readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Row);
  }
  if (option('fit') !== undefined) {
    fs.writeFileSync(
      path.join(root, 'src/connection/weights.ts'),
      sourceOf(fitWeights(rows.filter(({ seed }) => seed % 2 === 1))),
    );
    console.log('src/connection/weights.ts is written: build, and run the corpus again');
    return;
  }
  const report = reportOn(rows);
  console.log(report);
  if (option('write') !== undefined) fs.writeFileSync(path.join(root, 'test/corpus/RESULT.md'), report);
  const failures = failuresOf(rows);
  for (const failure of failures) console.error(`not met: ${failure}`);
  if (failures.length > 0) process.exitCode = 1;
}

void main();
