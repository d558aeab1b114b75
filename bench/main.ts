import { parseArgs } from 'node:util';
import { openConnectionBytes } from './memory';
import { type Cost, compare, type Plan } from './pairs';
import { PARTS } from './parts';
import { MODES, type Mode, type Scenario } from './scenario';
import { checkSlopes } from './slope';
import { startUp } from './start-up';

/*
 * What the package costs, in CPU time of the observed process:
 *   npm run bench                                    every scenario, a process that is young
 *   npm run bench -- --mode http --warm 30000        one client, after 30,000 requests
 *   npm run bench -- --mode fetch --unsampled --metrics --mismatch --pairs 30
 *   npm run bench -- --mode http --parts             what each part costs
 *   npm run bench -- --memory                        heap per open connection, start-up, slope of the heap
 */
const { values } = parseArgs({
  options: {
    mode: { type: 'string', multiple: true, default: [...MODES] },
    pairs: { type: 'string', default: '15' },
    requests: { type: 'string', default: '8000' },
    warm: { type: 'string', default: '3000' },
    slice: { type: 'string', default: '250' },
    concurrency: { type: 'string', default: '10' },
    configurations: { type: 'string' },
    unsampled: { type: 'boolean', default: false },
    metrics: { type: 'boolean', default: false },
    mismatch: { type: 'boolean', default: false },
    parts: { type: 'boolean', default: false },
    memory: { type: 'boolean', default: false },
  },
});

/** The first is what all are compared with, the second the same again: its ratio shows how exact the figures are. */
const CONTROLLED = ['peers', 'peers#2'];

function planOf(scenario: Scenario): Plan {
  const sliceRequests = Number(values.slice);
  const compared = values.parts ? Object.keys(PARTS) : ['ours', 'full'];
  return {
    scenario,
    configurations: values.configurations?.split(',') ?? [...CONTROLLED, ...compared],
    pairs: Number(values.pairs),
    warmUp: Number(values.warm),
    slices: Math.max(4, Math.round(Number(values.requests) / sliceRequests)),
    sliceRequests,
    concurrency: Number(values.concurrency),
  };
}

function isMode(name: string): name is Mode {
  return MODES.some((mode) => mode === name);
}

function print({ scenario, pairs, warmUp, slices, sliceRequests, concurrency }: Plan, costs: readonly Cost[]): void {
  const { mode, ...rest } = scenario;
  const what = [mode, ...Object.entries(rest).flatMap(([name, isOn]) => (isOn ? [name] : []))].join(', ');
  const requests = `requests ${warmUp} to ${warmUp + slices * sliceRequests}, ${concurrency} at once`;
  console.log(`\n${what}: Node ${process.version}, ${pairs} pairs, ${requests}`);
  const rows = costs.map(({ configuration, cpuUs, ratio, interval, addedUs, wallRatio }) => [
    configuration,
    {
      'CPU µs': cpuUs.toFixed(1),
      ratio: ratio.toFixed(3),
      '95 %': interval.map((edge) => edge.toFixed(3)).join(' to '),
      'added µs': addedUs.toFixed(1),
      'elapsed ratio': wallRatio.toFixed(3),
    },
  ]);
  console.table(Object.fromEntries(rows));
}

async function main(): Promise<void> {
  if (values.memory) {
    console.table(await openConnectionBytes());
    console.table(await startUp(Number(values.pairs)));
    await checkSlopes();
    return;
  }
  const { unsampled, metrics, mismatch } = values;
  for (const mode of values.mode) {
    if (!isMode(mode)) throw new Error(`no mode "${mode}": ${MODES.join(', ')}`);
    const plan = planOf({ mode, unsampled, metrics, mismatch });
    print(plan, await compare(plan));
  }
}

void main();
