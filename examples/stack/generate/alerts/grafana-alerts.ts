import { readFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';
import { translated } from './annotations';
import { expanded } from './expand';

/** Of a file of rules for Prometheus. */
export interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly keep_firing_for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}
export interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly interval?: string; readonly rules: readonly Rule[] }[];
}

const HEADER = `# The alerts of ../../../rules/rules.yml for Grafana's own alerting, made by npm run stack:generate.
# They need none of its recording rules: these are expanded into the queries.
#
# All are paused, as Prometheus and Alertmanager of this stack page already, and both would page twice. To let Grafana page
# instead: replace "isPaused: true" by "isPaused: false" here, take rules.yml out of prometheus.yml, and give Grafana a
# contact point.
`;
/** How far Grafana tells the data source to look; an instant query takes what its expression says. */
const LOOK_BACK_S = 600;

export function readRules(file: string): RuleFile {
  return parse(readFileSync(file, 'utf8'));
}

/** Expressions by the names under which they are recorded. */
export function recordedIn({ groups }: RuleFile): ReadonlyMap<string, string> {
  const rules = groups.flatMap(({ rules }) => rules);
  return new Map(rules.flatMap(({ record, expr }) => (record === undefined ? [] : [[record, expr]])));
}

/** The alerts of a file as Grafana provisions them from a file of its own. */
export async function grafanaAlerts(file: RuleFile): Promise<string> {
  const recorded = recordedIn(file);
  const groups = [];
  for (const { name, interval = '1m', rules } of file.groups) {
    const alerts = [];
    for (const rule of rules) if (rule.alert !== undefined) alerts.push(await grafanaAlert(rule.alert, rule, recorded));
    if (alerts.length > 0) groups.push({ orgId: 1, name, folder: 'Connections', interval, rules: alerts });
  }
  return HEADER + stringify({ apiVersion: 1, groups }, { lineWidth: 0, aliasDuplicateObjects: false });
}

/**
 * As Grafana's own import of Prometheus rules does it: whatever the query returns is an alert, so that `B` is 1 for any value
 * and `C` asks whether it is above 0. No series is no alert, and resolves one at once.
 */
async function grafanaAlert(alert: string, rule: Rule, recorded: ReadonlyMap<string, string>) {
  const annotations = Object.entries(rule.annotations ?? {}).map(([key, text]) => [key, translated(text)] as const);
  const values = new Map(annotations.flatMap(([, annotation]) => [...annotation.values]));
  const valueQueries = [];
  for (const [refId, name] of values) valueQueries.push(promqlQuery(refId, neverEmpty(await expanded(name, recorded))));
  return {
    uid: alert.replaceAll(/[A-Z]/g, (letter, at: number) => `${at === 0 ? '' : '-'}${letter.toLowerCase()}`),
    title: alert,
    condition: 'C',
    data: [
      promqlQuery('A', await expanded(rule.expr, recorded)),
      ...valueQueries,
      expressionQuery('B', { type: 'math', expression: 'is_number($A) || is_nan($A) || is_inf($A)' }),
      expressionQuery('C', {
        type: 'threshold',
        expression: 'B',
        conditions: [{ evaluator: { type: 'gt', params: [0] } }],
      }),
    ],
    noDataState: 'OK',
    execErrState: 'Error',
    for: rule.for ?? '0s',
    ...(rule.keep_firing_for === undefined ? {} : { keepFiringFor: rule.keep_firing_for }),
    missing_series_evals_to_resolve: 1,
    labels: rule.labels ?? {},
    annotations: Object.fromEntries(annotations.map(([key, { text }]) => [key, text])),
    isPaused: true,
  };
}

/**
 * If one query of an alert returns nothing, Grafana treats the whole alert as one without data, and it never fires. A query whose
 * value only appears in the text therefore always returns something: a series that belongs to no peer.
 */
function neverEmpty(expression: string): string {
  return `(${expression}) or on () label_replace(vector(0), "nothing", "known", "", "")`;
}

function promqlQuery(refId: string, expr: string) {
  const datasource = { type: 'prometheus', uid: 'prometheus' };
  const model = { refId, datasource, editorMode: 'code', expr, instant: true, range: false };
  return { refId, relativeTimeRange: { from: LOOK_BACK_S, to: 0 }, datasourceUid: datasource.uid, model };
}

function expressionQuery(refId: string, what: Readonly<Record<string, unknown>>) {
  const datasource = { type: '__expr__', uid: '__expr__' };
  return {
    refId,
    relativeTimeRange: { from: 0, to: 0 },
    datasourceUid: datasource.uid,
    model: { refId, datasource, ...what },
  };
}
