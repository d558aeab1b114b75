import { parse } from 'yaml';
import { type AlertRule, caseFilesOf, idOf, type RuleFile } from './rules';

/** Each alert is tested with services of these names (the label `job`, or `service_name` of spans). */
const CASES = ['fires', 'quiet', 'low-traffic', 'first-failure', 'counter-reset', 'missing-series'];

interface Group {
  readonly name: string;
  readonly input_series: readonly { readonly series: string }[];
  readonly alert_rule_test?: readonly { readonly alertname: string; readonly exp_alerts?: readonly Firing[] }[];
  readonly promql_expr_test?: readonly {
    readonly expr: string;
    readonly exp_samples: readonly { readonly labels: string }[];
  }[];
}

interface Firing {
  readonly exp_labels: Readonly<Record<string, string>>;
}

/** What is missing from the cases of an alert; empty if they are complete. */
export function missingCases(rule: AlertRule, file: RuleFile): readonly string[] {
  const { alert, labels } = rule;
  const id = idOf(rule);
  const groups = caseFilesOf(file).flatMap(({ text }) => (parse(text) as { tests: readonly Group[] }).tests);
  const played = groups.find(({ name }) => name === id);
  if (played === undefined) return [`a group named ${id}`];
  const said = groups.flatMap((group) => group.alert_rule_test ?? []).filter(({ alertname }) => alertname === alert);
  const missing: string[] = [];
  const isThis = ({ exp_labels }: Firing) => exp_labels.window === labels.window;
  if (!said.some(({ exp_alerts = [] }) => exp_alerts.some(isThis)))
    missing.push('a case in which it fires, with its whole text');
  if (!said.some(({ exp_alerts = [] }) => exp_alerts.length === 0)) missing.push('a moment at which nothing fires');

  const services = new Set(
    played.input_series.map(({ series }) => /\b(?:job|service_name)="([^"]+)"/.exec(series)?.[1]),
  );
  for (const name of CASES) if (!services.has(name)) missing.push(`a case ${name}`);
  const firing = firingIn(played, rule);
  const ever = (name: string) => firing.some((names) => names.has(name));
  for (const name of ['fires', 'first-failure', 'counter-reset']) if (!ever(name)) missing.push(`${name} to fire`);
  for (const name of ['quiet', 'low-traffic']) if (ever(name)) missing.push(`${name} not to fire`);
  const last = firing.findLastIndex((names) => names.has('fires'));
  if (!firing.slice(last + 1).some((names) => !names.has('fires'))) missing.push('a moment after it is resolved');
  return missing;
}

/** The services that fire at each tested moment, in order of time. */
function firingIn(
  { promql_expr_test = [] }: Group,
  { alert, labels: { window } }: AlertRule,
): readonly ReadonlySet<string>[] {
  const selector = `alertname="${alert}"${window === undefined ? '' : `,window="${window}"`}`;
  return promql_expr_test
    .filter(({ expr }) => expr === `sum by (job) (ALERTS{${selector},alertstate="firing"})`)
    .map(({ exp_samples }) => new Set(exp_samples.map(({ labels }) => /job="([^"]+)"/.exec(labels)?.[1] ?? '')));
}
