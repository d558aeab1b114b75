import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { selectorsOf } from '../../../examples/stack/generate/promql';
import type { Check } from '../check';
import { allPromql, substituted } from './dashboards';

const run = promisify(execFile);

/** Every PromQL query of the dashboards, with everything chosen, as Grafana's editor and as Prometheus read it. */
export function staticChecks(): Check[] {
  return [
    { name: 'dashboards: PromQL', program: 'lezer-promql', run: asGrafana },
    { name: 'dashboards: PromQL', program: 'promtool', run: asPrometheus },
  ];
}

async function asGrafana(): Promise<string> {
  const selectors = await Promise.all(allPromql().map(({ expr }) => selectorsOf(substituted(expr))));
  if (selectors.some((each) => each.length === 0)) throw new Error('a query that selects nothing');
  return `${selectors.length} queries, ${selectors.flat().length} selectors`;
}

async function asPrometheus(): Promise<string> {
  const rules = allPromql().map(({ expr }, index) => ({ record: `query:${index}`, expr: substituted(expr) }));
  return promtool({ groups: [{ name: 'dashboards', rules }] }, rules.length);
}

/** What promtool says of rules. */
export async function promtool(file: unknown, count: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'grafana-'));
  try {
    await writeFile(join(folder, 'rules.yml'), stringify(file));
    const { stdout } = await run('promtool', ['check', 'rules', join(folder, 'rules.yml')]);
    if (!stdout.includes(`SUCCESS: ${count} rules found`)) throw new Error(stdout);
    return `${count} queries`;
  } finally {
    await rm(folder, { recursive: true });
  }
}
