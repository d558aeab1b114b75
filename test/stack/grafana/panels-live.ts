import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Check } from '../check';
import { copies, queriesOf } from './alerts';
import { get, type Series, seriesAt, seriesOver } from './answers';
import { columnsOf, DASHBOARDS, panelsOf, promqlOf, substituted, type Target } from './dashboards';

/** Queries that may return only zeros after the shop has run, and why. No query may be empty. */
const MAY_BE_ZERO: ReadonlyMap<string, string> = new Map([
  ['Failures on fresh and on reused connections, C', 'the shop has no rare kinds of failures'],
  ['Idle timeouts of client and peer, A', '0 means none, which is the fault of the shop'],
  ['Idle timeouts of client and peer, D', '0 is what the fixed shop shows'],
]);

/** No panel is empty: each query of each panel, with everything chosen, returns numbers from the running Prometheus. */
export function liveChecks({ urls }: { readonly urls: { readonly prometheus: string } }): Check[] {
  const choices = DASHBOARDS.flatMap((dashboard) => choicesOf(dashboard, urls.prometheus));
  const panels = DASHBOARDS.flatMap((dashboard) =>
    panelsOf(dashboard)
      .filter((panel) => promqlOf(panel).length > 0)
      .map((panel) => ({
        name: `panel ${dashboard.uid}: ${panel.title}`,
        program: 'prometheus',
        run: async () => {
          const results = await Promise.all(promqlOf(panel).map((target) => answered(panel, target, urls.prometheus)));
          return results.join(', ');
        },
      })),
  );
  return [
    ...choices,
    ...panels,
    {
      name: "Grafana's alerts: Prometheus accepts every query",
      program: 'prometheus',
      run: () => accepted(urls.prometheus),
    },
  ];
}

/**
 * No query of an alert is refused, and each returns something, except the alert's own, which does so only if it fires.
 */
async function accepted(prometheus: string): Promise<string> {
  const queries = copies().flatMap((copy) =>
    [...queriesOf(copy)].map(([refId, expr]) => ({ title: copy.title, refId, expr })),
  );
  for (const { title, refId, expr } of queries) {
    const series = await seriesAt(prometheus, expr);
    if (refId !== 'A' && series.length === 0) throw new Error(`${title}, ${refId} returns nothing: ${expr}`);
  }
  return `${queries.length} queries`;
}

async function answered(panel: Panel, target: Target & { readonly expr: string }, prometheus: string): Promise<string> {
  const { refId, expr, instant, format } = target;
  const query = substituted(expr);
  const found = instant === true ? await seriesAt(prometheus, query) : await seriesOver(prometheus, query);
  const series = found.filter((each) => numbersOf(each).length > 0);
  if (series.length === 0) throw new Error(`${refId} is empty (${found.length} series without a number): ${query}`);
  const isZero = series.every((each) => numbersOf(each).every((number) => number === 0));
  if (isZero && !MAY_BE_ZERO.has(`${panel.title}, ${refId}`))
    throw new Error(`${refId} is 0 in every series: ${query}`);
  if (format === 'heatmap') hasCumulativeBuckets(series);
  if (format === 'table') hasColumns(panel, refId, series);
  hasLabelsOf(target.legendFormat ?? '', series);
  return `${refId}: ${series.length} series`;
}

/**
 * The bounds of the buckets are numbers, no bucket counts less than the one below, and the last one counts something.
 */
function hasCumulativeBuckets(series: readonly Series[]): void {
  const boundOf = ({ metric: { le = '' } }: Series) =>
    le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le || 'none');
  const sorted = [...series].sort((a, b) => boundOf(a) - boundOf(b));
  if (series.some((each) => Number.isNaN(boundOf(each)))) throw new Error('a bucket without a bound');
  if (boundOf(sorted.at(-1) as Series) !== Number.POSITIVE_INFINITY) throw new Error('no bucket up to +Inf');
  const totals = sorted.map(({ values = [] }) => values.reduce((sum, [, value]) => sum + Number(value), 0));
  const falls = totals.some((total, index) => total < (totals[index - 1] ?? 0) * (1 - 1e-9));
  if (falls || (totals.at(-1) ?? 0) <= 0) throw new Error(`buckets do not add up: ${totals.join(' ')}`);
}

/** The table shows every label of this query and its value. */
function hasColumns(panel: Panel, refId: string, series: readonly Series[]): void {
  const labels = new Set(series.flatMap(({ metric }) => Object.keys(metric)));
  const isLone = promqlOf(panel).length === 1;
  const columns = columnsOf(panel);
  if (!columns.includes(isLone ? 'Value' : `Value #${refId}`)) throw new Error(`the value of ${refId} has no column`);
  const shown = columns.filter((column) => !column.startsWith('Value') && labels.has(column));
  const hidden = [...labels].filter((label) => !columns.includes(label));
  if (shown.length < 3 || hidden.length > 0)
    throw new Error(`columns ${columns.join(', ')}; labels ${[...labels].join(', ')}`);
}

function hasLabelsOf(legend: string, series: readonly Series[]): void {
  for (const [, label = ''] of legend.matchAll(/\{\{(\w+)\}\}/g))
    if (!series.some(({ metric }) => metric[label] !== undefined)) throw new Error(`no series has the label ${label}`);
}

/** The variables at the top have values to choose from. */
function choicesOf(dashboard: Dashboard, prometheus: string): Check[] {
  const queries = (dashboard.templating.list ?? []).filter(({ type }) => type === 'query');
  return queries.map(({ name, definition = '' }) => ({
    name: `variable ${dashboard.uid}: ${name} has values`,
    program: 'prometheus',
    run: async () => {
      const [, selector = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(definition) ?? [];
      const match = new URLSearchParams({ 'match[]': substituted(selector) });
      const values = await get<readonly string[]>(prometheus, `label/${label}/values?${match}`);
      if (values.length === 0) throw new Error(`no value to choose from: ${definition}`);
      return values.join(', ');
    },
  }));
}

/** Without NaN, which is a share of nothing. */
function numbersOf({ value, values = [] }: Series): number[] {
  const numbers = [...values, ...(value === undefined ? [] : [value])].map(([, number]) => Number(number));
  return numbers.filter(Number.isFinite);
}
