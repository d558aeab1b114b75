import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { grafanaAlerts, readRules } from './alerts';
import { pools } from './pools';
import { resets } from './resets';

/** This folder of the repository, seen from `build/`. */
export const FOLDER = join(__dirname, '../../../../examples/stack/grafana');

/** The alerts of Prometheus, which Grafana's are made of. */
export const RULES = join(FOLDER, '../prometheus/rules.yml');

/** What is made of the sources beside it, by path in this folder. */
export async function generated(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ['dashboards/socket-resets.json', json(resets())],
    ['dashboards/socket-pools.json', json(pools())],
    ['provisioning/alerting/rules.yaml', await grafanaAlerts(readRules(RULES))],
  ]);
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

async function write(): Promise<void> {
  for (const [path, text] of await generated()) {
    const file = join(FOLDER, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    console.log(`examples/stack/grafana/${path}`);
  }
}

if (require.main === module) void write();
