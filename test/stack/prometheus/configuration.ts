import path from 'node:path';
import { stackFolder } from '../../../examples/stack/run/paths';
import type { Check } from '../check';
import { output } from '../output';

const file = path.join(stackFolder, 'prometheus/prometheus.yml');

/** Prometheus's configuration, without a running stack. */
export function staticChecks(): Check[] {
  return [
    { name: 'prometheus/prometheus.yml is valid and loads both files of rules', program: 'promtool', run: valid },
  ];
}

async function valid(): Promise<string> {
  const text = await output('promtool', ['check', 'config', file]);
  const rules = [...text.matchAll(/(\d+) rules found/g)].map(([, count]) => Number(count));
  if (rules.length !== 2) throw new Error(`not two files of rules:\n${text}`);
  return `valid, ${rules.join(' and ')} rules`;
}
