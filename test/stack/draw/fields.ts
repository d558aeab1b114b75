import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { type Series, seriesAt, seriesOver } from '../grafana/answers';
import { promqlOf, substituted, type Target } from '../grafana/dashboards';

/** A line of a panel, with what the overrides of the panel say about it. */
export interface Line {
  readonly refId: string;
  readonly name: string;
  readonly points: readonly (readonly [number, number])[];
  readonly properties: Readonly<Record<string, unknown>>;
  readonly metric: Series['metric'];
}

interface Override {
  readonly matcher: { readonly id: string; readonly options?: unknown };
  readonly properties: readonly { readonly id: string; readonly value?: unknown }[];
}

/** The defaults of a panel's fields, and the overrides for one of them. */
export function propertiesOf(panel: Panel, name: string, refId: string): Readonly<Record<string, unknown>> {
  const { defaults = {}, overrides = [] } = panel.fieldConfig ?? {};
  const found: Record<string, unknown> = { ...defaults, ...prefixed(defaults.custom) };
  for (const { matcher, properties } of overrides as readonly Override[])
    if (applies(matcher, name, refId)) for (const { id, value } of properties) found[id] = value;
  return found;
}

function prefixed(custom: unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(custom ?? {}).map(([key, value]) => [`custom.${key}`, value]));
}

function applies({ id, options }: Override['matcher'], name: string, refId: string): boolean {
  if (id === 'byName') return options === name;
  if (id === 'byFrameRefID') return options === refId;
  if (id === 'byRegexp') return new RegExp(String(options).replace(/^\/|\/$/g, '')).test(name);
  throw new Error(`a matcher that is not drawn: ${id}`);
}

export async function linesOf(panel: Panel, prometheus: string): Promise<readonly Line[]> {
  const all = await Promise.all(promqlOf(panel).map((target) => linesOfTarget(panel, target, prometheus)));
  return all.flat();
}

async function linesOfTarget(panel: Panel, target: Target & { readonly expr: string }, prometheus: string) {
  const { refId, legendFormat = '' } = target;
  const found = await seriesOver(prometheus, substituted(target.expr));
  return found.map(({ metric, values = [] }) => {
    const name = legendFormat.replaceAll(/\{\{(\w+)\}\}/g, (_, label) => metric[label] ?? '');
    const points = values.map(([at, value]) => [at * 1_000, Number(value)] as const);
    return { refId, name, points, metric, properties: propertiesOf(panel, name, refId) };
  });
}

/** The rows of a table panel: the results of its queries, merged by their labels. */
export async function rowsOf(panel: Panel, prometheus: string): Promise<readonly Readonly<Record<string, string>>[]> {
  const targets = promqlOf(panel);
  const merged = new Map<string, Record<string, string>>();
  for (const { refId, expr } of targets) {
    for (const { metric, value } of await seriesAt(prometheus, substituted(expr))) {
      const column = targets.length === 1 ? 'Value' : `Value #${refId}`;
      const peer = [metric.job, metric.server_address, metric.server_port, metric.socket_failure_cause].join();
      merged.set(peer, { ...merged.get(peer), ...metric, [column]: value?.[1] ?? '' });
    }
  }
  return [...merged.values()];
}
