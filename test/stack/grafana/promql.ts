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

/** Grafana's editor and Prometheus parse every PromQL query of the dashboards, with everything chosen. */
export function staticChecks(): Check[] {
  return [
    { name: 'dashboards: the PromQL is valid', program: 'lezer-promql', run: asGrafana },
    { name: 'dashboards: the PromQL is valid', program: 'promtool', run: asPrometheus },
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

/** Lets promtool check rules; throws unless it finds `count` valid ones. */
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
