import path from 'node:path';
import { binaries, stackFolder } from '../../../examples/stack/run/paths';
import type { Check } from '../check';
import { output } from '../output';
import { tailSampling } from './sampling';

const collector = (file: string) => `--config=${path.join(stackFolder, 'collector', file)}`;

/** The configurations of the Collector and of Prometheus, read by the programs themselves. */
export function staticChecks(): Check[] {
  return [
    {
      name: 'collector/config.yaml',
      program: 'otelcol',
      run: () => valid(collector('config.yaml')),
    },
    {
      name: 'collector/config.yaml with tail-sampling.yaml',
      program: 'otelcol',
      run: () => valid(collector('config.yaml'), collector('tail-sampling.yaml')),
    },
    {
      name: 'collector: validate finds a wrong name',
      program: 'otelcol',
      async run() {
        const wrong = '--config=yaml:processors::tail_sampling::decision_waits: 1s';
        const complaint = await valid(collector('config.yaml'), collector('tail-sampling.yaml'), wrong).catch(String);
        if (!complaint.includes('decision_waits')) throw new Error(`it said: ${complaint}`);
        return 'decision_waits is refused';
      },
    },
    {
      name: 'collector/tail-sampling.yaml keeps what failed, and the metrics count everything',
      program: 'otelcol',
      run: tailSampling,
    },
    {
      name: 'prometheus/prometheus.yml',
      program: 'promtool',
      async run() {
        const text = await output('promtool', ['check', 'config', path.join(stackFolder, 'prometheus/prometheus.yml')]);
        const rules = [...text.matchAll(/(\d+) rules found/g)].map(([, count]) => Number(count));
        if (rules.length !== 2) throw new Error(`not two files of rules:\n${text}`);
        return `valid, ${rules.join(' and ')} rules`;
      },
    },
  ];
}

async function valid(...args: readonly string[]): Promise<string> {
  await output(binaries.collector, ['validate', ...args]);
  return 'valid';
}
