import path from 'node:path';
import { stackFolder } from '../../../examples/stack/run/paths';
import type { Check } from '../check';
import { output } from '../output';

const configuration = path.join(stackFolder, 'alertmanager/alertmanager.yml');

/** The receiver of an alert with these labels. */
const ROUTES = [
  ['page', { severity: 'page', job: 'gateway' }],
  ['ticket', { severity: 'ticket', job: 'gateway' }],
  ['ticket', { job: 'gateway' }],
] as const;

/** Alertmanager's configuration, without a running stack. */
export function staticChecks(): Check[] {
  return [
    {
      name: 'alertmanager.yml',
      program: 'amtool',
      run: async () => {
        const text = await output('amtool', ['check-config', configuration]);
        return text.match(/\d+ (?:inhibit rules|receivers)/g)?.join(', ') ?? 'valid';
      },
    },
    ...ROUTES.map(([receiver, labels]) => ({
      name: `route of {${pairs(labels).join(', ')}}`,
      program: 'amtool',
      run: async () => {
        const args = [`--config.file=${configuration}`, `--verify.receivers=${receiver}`, ...pairs(labels)];
        await output('amtool', ['config', 'routes', 'test', ...args]);
        return receiver;
      },
    })),
  ];
}

const pairs = (labels: object) => Object.entries(labels).map(([name, value]) => `${name}=${value}`);
