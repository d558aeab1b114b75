import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { selectorsOf } from '../../../examples/stack/generate/promql';
import type { Check } from '../check';
import { columnsOf, DASHBOARDS, panelsOf, promqlOf, substituted, targetsOf } from './dashboards';

/**
 * The rules of grafana/dashboard-linter, for all types of panels, except four: `instance` as a variable and in each
 * query (the dashboards show peers, not instances), the names of data source variables (its own rule allows
 * `datasource` for one), and `editable: false` (people copy panels from here).
 */
type Problems = readonly string[];
interface Rule {
  readonly name: string;
  readonly problems: (dashboard: Dashboard) => Problems | Promise<Problems>;
}

/** Ids of Grafana's units (packages/grafana-data/src/valueFormats) that these dashboards may use. */
const UNITS = ['short', 'none', 'percentunit', 's', 'ms', 'reqps', 'cps', 'suffix: s'];
const TEMPLATED = { prometheus: `\${datasource}`, tempo: `\${tempo}` };

const everyPanel = (problem: (panel: Panel) => unknown, text: string) => (dashboard: Dashboard) =>
  panelsOf(dashboard)
    .filter(problem)
    .map((panel) => `${panel.title}: ${text}`);

const isText = (panel: Panel) => panel.type === 'text';

const RULES: readonly Rule[] = [
  { name: 'each panel has a title', problems: everyPanel(({ title }) => !title, 'no title') },
  {
    name: 'each panel has a description',
    problems: everyPanel(({ description }) => !description?.endsWith('.'), 'no description'),
  },
  {
    name: 'each panel has a unit',
    problems: everyPanel(
      (panel) => !isText(panel) && !UNITS.includes(unitOf(panel)),
      'no unit, or one unknown to Grafana',
    ),
  },
  {
    name: 'each panel has a text for no value',
    problems: everyPanel((panel) => !isText(panel) && !defaultsOf(panel).noValue, 'none'),
  },
  {
    name: 'each panel has a query',
    problems: everyPanel((panel) => !isText(panel) && targetsOf(panel).length === 0, 'no query'),
  },
  { name: 'data sources are variables', problems: everyPanel(hasFixedSource, 'a fixed data source') },
  { name: 'each query has its own name', problems: everyPanel(hasTwins, 'two queries with one refId') },
  {
    name: 'labels are not numbers, and rows are merged without their times',
    problems: everyPanel(hasBadColumns, 'columns'),
  },
  { name: 'rates are over $__rate_interval, and counters only in rates', problems: eachSelector(rangeProblem) },
  { name: 'every query follows the variables job and peer', problems: eachSelector(matcherProblem) },
];

export function staticChecks(): Check[] {
  return DASHBOARDS.flatMap((dashboard) =>
    RULES.map(({ name, problems }) => ({
      name: `dashboard ${dashboard.uid}: ${name}`,
      program: 'lint',
      run: async () => {
        const found = await problems(dashboard);
        if (found.length > 0) throw new Error(found.join('\n'));
        return `${panelsOf(dashboard).length} panels`;
      },
    })),
  );
}

function defaultsOf(panel: Panel) {
  return panel.fieldConfig?.defaults ?? {};
}

function unitOf(panel: Panel): string {
  return defaultsOf(panel).unit ?? '';
}

function hasFixedSource(panel: Panel): boolean {
  if (isText(panel)) return false;
  const sources = [panel.datasource, ...targetsOf(panel).map(({ datasource }) => datasource)];
  return sources.some((source) => source?.uid !== TEMPLATED[source?.type as keyof typeof TEMPLATED]);
}

function hasTwins(panel: Panel): boolean {
  const names = targetsOf(panel).map(({ refId }) => refId);
  return new Set(names).size < names.length;
}

/** Grafana formats a label that looks like a number, in links too, and does not merge rows whose times differ. */
function hasBadColumns(panel: Panel): boolean {
  const [keep, merge, order] = panel.transformations ?? [];
  if (keep === undefined) return promqlOf(panel).some(({ format }) => format === 'table');
  if (keep.id !== 'filterFieldsByName' || merge?.id !== 'merge' || order?.id !== 'organize') return true;
  const names: Record<string, string> = order.options.renameByName;
  const labels = columnsOf(panel).filter((column) => !column.startsWith('Value'));
  const isText = (label: string) =>
    panel.fieldConfig?.overrides.some(
      ({ matcher, properties }) =>
        matcher.options === names[label] && properties.some(({ id, value }) => id === 'unit' && value === 'string'),
    );
  return columnsOf(panel).includes('Time') || !labels.every(isText);
}

type Selected = Awaited<ReturnType<typeof selectorsOf>>[number];

function eachSelector(problem: (selector: Selected, written: string) => string | undefined) {
  return async (dashboard: Dashboard): Promise<Problems> => {
    const found: string[] = [];
    for (const panel of panelsOf(dashboard)) {
      for (const { expr } of promqlOf(panel)) {
        // Durations replace the variables, which no parser of PromQL knows.
        const expression = expr.replaceAll('$__rate_interval', '11s').replaceAll('$__range', '22s');
        for (const selector of await selectorsOf(expression)) {
          const text = problem(selector, expr);
          if (text !== undefined) found.push(`${panel.title}: ${text} in ${substituted(expr)}`);
        }
      }
    }
    return found;
  };
}

function rangeProblem({ metric, range, calledBy }: Selected): string | undefined {
  const isCounter = /_(total|count|sum|bucket)$/.test(metric);
  if (range === undefined) return isCounter ? `${metric} is a counter and not in a rate` : undefined;
  if (!isCounter) return `${metric} is not a counter`;
  if (calledBy === 'rate') return range === '11s' ? undefined : 'a rate that is not over $__rate_interval';
  if (calledBy === 'increase') return range === '22s' ? undefined : 'an increase that is not over $__range';
  return `${calledBy} over a range`;
}

/** Only variables choose peers and services. */
function matcherProblem({ metric, matchers }: Selected): string | undefined {
  const service = metric.startsWith('traces_') ? 'service_name=~"$job"' : 'job=~"(.*/)?$job"';
  const needed = [service, 'server_address=~"$peer"'].filter((matcher) => !matchers.includes(matcher));
  if (needed.length > 0) return `${metric} without ${needed.join(', ')}`;
  const fixed = matchers.find(
    (matcher) => /^(job|instance|service_name|server_\w+)[=!]/.test(matcher) && !/\$/.test(matcher),
  );
  return fixed && `${metric} with the fixed ${fixed}`;
}
