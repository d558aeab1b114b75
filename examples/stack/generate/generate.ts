import fs from 'node:fs';
import path from 'node:path';
import { stackFolder } from '../run/paths';
import { grafanaAlerts, readRules } from './alerts/grafana-alerts';
import { pools } from './dashboards/pools';
import { resets } from './dashboards/resets';

/** The alerts of Prometheus, from which those of Grafana are made. */
export const RULES = path.join(stackFolder, 'rules/rules.yml');

/** Every generated file, by its path in `examples/stack`. */
export async function generated(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ['dashboards/socket-resets.json', json(resets())],
    ['dashboards/socket-pools.json', json(pools())],
    ['grafana/provisioning/alerting/rules.yaml', await grafanaAlerts(readRules(RULES))],
  ]);
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

async function write(): Promise<void> {
  for (const [name, text] of await generated()) {
    const file = path.join(stackFolder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
    console.log(`examples/stack/${name}`);
  }
}

if (require.main === module) void write();
