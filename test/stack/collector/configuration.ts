import path from 'node:path';
import { binaries, stackFolder } from '../../../examples/stack/run/paths';
import type { Check } from '../check';
import { output } from '../output';
import { tailSampling } from './sampling';

const collector = (file: string) => `--config=${path.join(stackFolder, 'collector', file)}`;

/** The Collector's configurations, validated and executed by the Collector. */
export function staticChecks(): Check[] {
  return [
    {
      name: 'collector/config.yaml is valid',
      program: 'otelcol',
      run: () => valid(collector('config.yaml')),
    },
    {
      name: 'collector/config.yaml is valid with tail-sampling.yaml',
      program: 'otelcol',
      run: () => valid(collector('config.yaml'), collector('tail-sampling.yaml')),
    },
    {
      name: 'collector: validate refuses an unknown name',
      program: 'otelcol',
      async run() {
        const wrong = '--config=yaml:processors::tail_sampling::decision_waits: 1s';
        const complaint = await valid(collector('config.yaml'), collector('tail-sampling.yaml'), wrong).catch(String);
        if (!complaint.includes('decision_waits')) throw new Error(`it reported: ${complaint}`);
        return 'decision_waits is refused';
      },
    },
    {
      name: 'collector/tail-sampling.yaml keeps what failed, and the metrics count everything',
      program: 'otelcol',
      run: tailSampling,
    },
  ];
}

async function valid(...args: readonly string[]): Promise<string> {
  await output(binaries.collector, ['validate', ...args]);
  return 'valid';
}
