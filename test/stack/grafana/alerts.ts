import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type Rule, readRules, titleOf } from '../../../examples/stack/generate/alerts/grafana-alerts';
import { RULES } from '../../../examples/stack/generate/generate';
import { selectorsOf } from '../../../examples/stack/generate/promql';
import { stackFolder } from '../../../examples/stack/run/paths';
import type { Check } from '../check';
import { promtool } from './promql';

/** A rule as Grafana reads it from `provisioning/alerting/rules.yaml`. */
export interface Copy {
  readonly uid: string;
  readonly title: string;
  readonly condition: string;
  readonly data: readonly {
    readonly refId: string;
    readonly datasourceUid: string;
    readonly model: { readonly refId: string; readonly expr?: string; readonly expression?: string };
  }[];
  readonly noDataState: string;
  readonly for: string;
  readonly keepFiringFor?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly isPaused: boolean;
}

/** The committed copies of the alerts. */
export function copies(): readonly Copy[] {
  const { groups } = parse(readFileSync(join(stackFolder, 'grafana/provisioning/alerting/rules.yaml'), 'utf8'));
  return groups.flatMap(({ rules }: { rules: Copy[] }) => rules);
}

export function originals(): readonly (Rule & { readonly alert: string })[] {
  const rules = readRules(RULES).groups.flatMap((group) => group.rules);
  return rules.filter((rule): rule is Rule & { readonly alert: string } => rule.alert !== undefined);
}

/** The queries of a copy, by their names. */
export function queriesOf({ data }: Copy): ReadonlyMap<string, string> {
  return new Map(data.flatMap(({ refId, model }) => (model.expr === undefined ? [] : [[refId, model.expr]])));
}

export function staticChecks(): Check[] {
  const each = (name: string, program: string, verify: (copy: Copy) => unknown) => ({
    name: `Grafana's alerts: ${name}`,
    program,
    run: async () => {
      for (const copy of copies()) await verify(copy);
      return `${copies().length} alerts`;
    },
  });
  return [
    each('each copies an alert of Prometheus, and all are copied', 'yaml', sameAsOriginal),
    each('each is paused and complete', 'yaml', complete),
    each('none needs a recording rule', 'lezer-promql', selfContained),
    { name: "Grafana's alerts: PromQL and templates are valid", program: 'promtool', run: understood },
  ];
}

function sameAsOriginal(copy: Copy): void {
  const titles = copies().map(({ title }) => title);
  const alerts = originals().map(titleOf);
  if (titles.join() !== alerts.join()) throw new Error(`${titles.join(', ')} are not ${alerts.join(', ')}`);
  const original: Partial<Rule> = originals().find((rule) => titleOf(rule) === copy.title) ?? {};
  const { annotations = {}, labels = {}, keep_firing_for: keep } = original;
  const facts = { for: original.for ?? '0s', keep, labels, annotations: Object.keys(annotations) };
  const copied = {
    for: copy.for,
    keep: copy.keepFiringFor,
    labels: copy.labels,
    annotations: Object.keys(copy.annotations),
  };
  if (JSON.stringify(facts) !== JSON.stringify(copied)) throw new Error(`${copy.title}: ${JSON.stringify(copied)}`);
}

/** Refuses what would keep Grafana from starting, and what would let it page twice or without data. */
function complete({ uid, title, condition, data, noDataState, isPaused, annotations, labels }: Copy): void {
  const refIds = data.map(({ refId }) => refId);
  const used = JSON.stringify(annotations).matchAll(/\$values\.(\w+)/g);
  const missing = [...used].map(([, name = '']) => name).filter((name) => !refIds.includes(name));
  const inputs = data.flatMap(({ model }) => [...(model.expression ?? '').matchAll(/^(\w)$|\$(\w+)/g)]);
  const problem =
    (!/^[a-z-]{1,40}$/.test(uid) && 'uid') ||
    (new Set(refIds).size < refIds.length && 'two queries of one name') ||
    (data.some(({ refId, model }) => refId !== model.refId) && 'names of queries') ||
    (!refIds.includes(condition) && 'condition') ||
    (inputs.some(([, lone, named]) => !refIds.includes(lone ?? named ?? '')) && 'an expression of nothing') ||
    (missing.length > 0 && `values without a query: ${missing.join(', ')}`) ||
    (noDataState !== 'OK' && 'fires without data') ||
    (!isPaused && 'pages beside Prometheus') ||
    // Grafana replaces these with variables of its environment.
    (/\$/.test(JSON.stringify(labels)) && 'a label with $') ||
    (/\$\{/.test(JSON.stringify(annotations)) && 'an annotation with ${');
  if (problem !== false) throw new Error(`${title}: ${problem}`);
}

/** No query needs a recorded series, and each but the alert's own always returns something (`neverEmpty`). */
async function selfContained(copy: Copy): Promise<void> {
  for (const [refId, expr] of queriesOf(copy)) {
    const recorded = (await selectorsOf(expr)).find(({ metric }) => metric.includes(':'));
    if (recorded !== undefined) throw new Error(`${copy.title}, ${refId} needs ${recorded.metric}`);
    const isAnswered = expr.endsWith('or on () label_replace(vector(0), "nothing", "known", "", "")');
    if (refId !== 'A' && !isAnswered) throw new Error(`${copy.title}, ${refId} may return nothing`);
  }
}

/** Grafana uses Prometheus's templates and functions; `$values` is its own. */
async function understood(): Promise<string> {
  const rules = copies().flatMap((copy) => {
    const annotations = Object.entries(copy.annotations).map(([key, text]) => [key, `{{ $values := .Labels }}${text}`]);
    const queries = [...queriesOf(copy)].map(([refId, expr]) => ({ alert: `${copy.title}_${refId}`, expr }));
    return queries.map((query, index) =>
      index === 0 ? { ...query, annotations: Object.fromEntries(annotations) } : query,
    );
  });
  return promtool({ groups: [{ name: 'copies', rules }] }, rules.length);
}
