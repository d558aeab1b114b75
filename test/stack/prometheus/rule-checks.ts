import { FAILURE_CAUSES } from '../../../src/verdict/failure';
import type { Check } from '../check';
import { missingCases } from './cases';
import { isNoticed, mutantsOf, promtool } from './mutants';
import { alertsIn, caseFilesOf, idOf, type RuleFile, ruleFiles, rulesFolder, textOf } from './rules';

/** The rules and their cases, without a running stack. */
export function staticChecks(): Check[] {
  return ruleFiles.flatMap(checksOf);
}

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
    ...caseFilesOf(file).map(({ name, path }) => ({
      name: `cases/${name}`,
      program: 'promtool',
      run: async () => {
        await pass('test', 'rules', path);
        return 'as expected';
      },
    })),
    {
      name: `${file}: each alert has all cases and links to a runbook`,
      program: 'yaml',
      run: async () => complete(file),
    },
    ...alertsIn(file)
      .map(idOf)
      .map((id) => ({
        name: `${id} fails a case without any of its guards`,
        program: 'promtool',
        run: () => withoutGuards(file, id),
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
  const pages: ReadonlySet<string> = new Set(FAILURE_CAUSES);
  for (const rule of alerts) {
    const { alert, labels, annotations } = rule;
    const missing = missingCases(rule, file);
    if (missing.length > 0) throw new Error(`${alert} lacks ${missing.join(', ')}`);
    if (!['page', 'ticket'].includes(labels.severity ?? '')) throw new Error(`${alert}: severity ${labels.severity}`);
    for (const name of ['summary', 'description', 'runbook_url', 'trace_query', 'jaeger_url'])
      if (annotations[name] === undefined) throw new Error(`${alert} has no ${name}`);
    const page = /^http:\/\/localhost:9095\/runbooks\/(\w+)$/.exec(annotations.runbook_url ?? '')?.[1];
    if (page === undefined || !pages.has(page)) throw new Error(`${alert}: no runbook ${annotations.runbook_url}`);
  }
  return `${alerts.length} alerts`;
}

async function withoutGuards(file: RuleFile, id: string): Promise<string> {
  const mutants = mutantsOf(textOf(file), alertsIn(file)).filter((mutant) => mutant.id === id);
  if (mutants.length === 0) throw new Error('no line is marked as a guard');
  const noticed = await Promise.all(mutants.map((mutant) => isNoticed(file, mutant)));
  for (const [i, { guard }] of mutants.entries()) if (!noticed[i]) throw new Error(`no case fails without "${guard}"`);
  return `${mutants.length} of ${mutants.length} noticed`;
}
