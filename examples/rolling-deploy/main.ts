import { parseArgs } from 'node:util';
import { PATHS, type PathName, SERVERS, type ServerName, WAYS } from './messages';
import { missingPackage } from './paths/proxies';
import { endAll, roll } from './roll';
import { incidentLines, tableOf } from './table';
import { faultsOf, type Roll } from './tally';

const { values } = parseArgs({ options: { all: { type: 'boolean', default: false }, spans: { type: 'string' } } });
const { all: isAll, spans } = values;
const LONGEST_MS = isAll ? 170_000 : 58_000;

/** One path: plain `node:http` in all ways, and with `--all` the others, drained. */
async function rollPath(path: PathName): Promise<Roll[]> {
  const rolls: Roll[] = [];
  for (const way of WAYS) rolls.push(await roll(path, 'node', way, spans));
  const others: ServerName[] = isAll ? SERVERS.filter((server) => server !== 'node') : [];
  for (const server of others) rolls.push(await roll(path, server, 'drained', spans));
  return rolls;
}

function end(code: number): never {
  endAll();
  process.exit(code);
}

async function main(): Promise<void> {
  const paths = PATHS.filter((path) => missingPackage(path) === undefined);
  const rolls = (await Promise.all(paths.map(rollPath))).flat();
  console.log(`Two instances, rolled one after the other under load, on Node ${process.versions.node}:`);
  for (const line of tableOf(rolls)) console.log(line);
  console.log();
  console.log('What diagnose makes of the same spans, where three connections or more failed in one moment:');
  for (const line of incidentLines(rolls)) console.log(line);
  console.log();
  if (paths.length > 1)
    console.log('Behind a proxy the spans know the proxy: which instance went away, its 502 does not say.');
  for (const path of PATHS.filter((each) => !paths.includes(each)))
    console.log(`Left out: ${path}. As root: apt-get install ${missingPackage(path)}`);
  const faults = faultsOf(rolls);
  for (const fault of faults) console.log(`Not as it has to be: ${fault}`);
  end(faults.length === 0 ? 0 : 1);
}

process.on('SIGINT', () => end(130));
process.on('SIGTERM', () => end(143));
setTimeout(() => {
  console.log('The example did not finish in time.');
  end(1);
}, LONGEST_MS).unref();
main().catch((error: unknown) => {
  console.log(String(error));
  end(1);
});
