import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { root, stackFolder } from '../../examples/stack/run/paths';
import { lacking } from './alerts-cases';
import { isNoticed, mutantsOf, promtool } from './alerts-mutation';
import { alertsIn, type RuleFile, ruleFiles, rulesFolder, testFilesOf, textOf } from './alerts-rules';
import type { Check } from './check';

const run = promisify(execFile);
const alertmanager = path.join(stackFolder, 'alertmanager/alertmanager.yml');

/** Where an alert with these labels goes. */
const ROUTES = [
  ['page', { severity: 'page', job: 'gateway' }],
  ['ticket', { severity: 'ticket', job: 'gateway' }],
  ['ticket', { job: 'gateway' }],
] as const;

/** The rules, their cases and Alertmanager's configuration, without a running stack. */
export function staticChecks(): Check[] {
  return [
    ...ruleFiles.flatMap(checksOf),
    {
      name: 'alertmanager.yml',
      program: 'amtool',
      run: async () => {
        const { stdout } = await run('amtool', ['check-config', alertmanager]);
        return stdout.match(/\d+ (?:inhibit rules|receivers)/g)?.join(', ') ?? 'valid';
      },
    },
    ...ROUTES.map(([receiver, labels]) => ({
      name: `route of {${pairs(labels).join(', ')}}`,
      program: 'amtool',
      run: async () => {
        const args = [`--config.file=${alertmanager}`, `--verify.receivers=${receiver}`, ...pairs(labels)];
        await run('amtool', ['config', 'routes', 'test', ...args]);
        return receiver;
      },
    })),
  ];
}

const pairs = (labels: object) => Object.entries(labels).map(([name, value]) => `${name}=${value}`);

function checksOf(file: RuleFile): Check[] {
  return [
    {
      name: file,
      program: 'promtool',
      run: async () => {
        const found = /(\d+) rules found/.exec(await pass('check', 'rules', file));
        return `${found?.[1]} rules`;
      },
    },
    ...testFilesOf(file).map((test) => ({
      name: test,
      program: 'promtool',
      run: async () => {
        await pass('test', 'rules', test);
        return 'as expected';
      },
    })),
    { name: `${file}: each alert is tried, and points to a runbook`, program: 'yaml', run: async () => complete(file) },
    ...alertsIn(file).map(({ alert }) => ({
      name: `${alert} without a guard`,
      program: 'promtool',
      run: () => withoutGuards(file, alert),
    })),
  ];
}

async function pass(...args: string[]): Promise<string> {
  const { failed, output } = await promtool(rulesFolder, ...args);
  if (failed) throw new Error(output);
  return output;
}

function complete(file: RuleFile): string {
  const alerts = alertsIn(file);
  const causes = causesOfFailure();
  for (const { alert, labels, annotations } of alerts) {
    const lacks = lacking(alert, file);
    if (lacks.length > 0) throw new Error(`${alert} lacks ${lacks.join(', ')}`);
    if (!['page', 'ticket'].includes(labels.severity ?? '')) throw new Error(`${alert}: severity ${labels.severity}`);
    for (const name of ['summary', 'description', 'runbook_url', 'trace_query', 'jaeger_url'])
      if (annotations[name] === undefined) throw new Error(`${alert} has no ${name}`);
    const page = /^http:\/\/localhost:9095\/runbooks\/(\w+)$/.exec(annotations.runbook_url ?? '')?.[1];
    if (page === undefined || !causes.has(page)) throw new Error(`${alert}: no runbook ${annotations.runbook_url}`);
  }
  return `${alerts.length} alerts`;
}

/** The names of the union FailureCause. */
function causesOfFailure(): ReadonlySet<string> {
  const source = readFileSync(path.join(root, 'src/connection/failure.ts'), 'utf8');
  const union = /type FailureCause =([^;]+);/.exec(source)?.[1] ?? '';
  return new Set(union.match(/\w+/g));
}

async function withoutGuards(file: RuleFile, alert: string): Promise<string> {
  const mutants = mutantsOf(textOf(file)).filter((mutant) => mutant.alert === alert);
  if (mutants.length === 0) throw new Error('no guard is marked');
  const noticed = await Promise.all(mutants.map((mutant) => isNoticed(file, mutant)));
  for (const [i, { guard }] of mutants.entries()) if (!noticed[i]) throw new Error(`no case fails without "${guard}"`);
  return `${mutants.length} of ${mutants.length} noticed`;
}
