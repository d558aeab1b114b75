import { clients } from './clients/clients';
import { faultsOf, rowOf } from './judge';
import { MODES } from './messages';
import { endAll, play, type Run } from './play';
import { printFailures, printTable, printUnavoidable } from './table';

const LONGEST_MS = 58_000;
/** Client programs that run at a time. */
const AT_ONCE = 6;

/** Every client, naive and fixed. */
async function playAll(): Promise<Run[]> {
  const waiting = Object.keys(clients).flatMap((name) => MODES.map((mode) => ({ name, mode })));
  const runs = new Map<string, Run>();
  const order = waiting.map(({ name, mode }) => name + mode);
  const next = async (): Promise<void> => {
    const one = waiting.shift();
    if (one === undefined) return;
    runs.set(one.name + one.mode, await play(one.name, one.mode));
    await next();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
  return order.flatMap((key) => runs.get(key) ?? []);
}

function end(code: number): never {
  endAll();
  process.exit(code);
}

async function main(): Promise<void> {
  const runs = await playAll();
  printTable(runs.map(rowOf));
  printUnavoidable(runs);
  const faults = faultsOf(runs);
  if (process.argv.includes('--failures')) printFailures(runs);
  for (const fault of faults) console.log(`Not as it has to be: ${fault}`);
  end(faults.length === 0 ? 0 : 1);
}

process.on('SIGINT', () => end(130));
process.on('SIGTERM', () => end(143));
setTimeout(() => {
  console.log('The example did not finish within a minute.');
  end(1);
}, LONGEST_MS).unref();
main().catch((error: unknown) => {
  console.log(String(error));
  end(1);
});
