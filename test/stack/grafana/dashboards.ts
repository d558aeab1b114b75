import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { stackFolder } from '../../../examples/stack/run/paths';

/** A query of a panel in the committed JSON. */
export interface Target {
  readonly refId: string;
  readonly datasource: { readonly type: string; readonly uid: string };
  /** PromQL. */
  readonly expr?: string;
  readonly format?: 'time_series' | 'table' | 'heatmap';
  readonly instant?: boolean;
  readonly legendFormat?: string;
  /** TraceQL. */
  readonly query?: string;
}

export const DASHBOARDS: readonly Dashboard[] = ['socket-resets', 'socket-pools'].map((uid) =>
  JSON.parse(readFileSync(join(stackFolder, 'dashboards', `${uid}.json`), 'utf8')),
);

/** All panels except the rows. */
export function panelsOf(dashboard: Dashboard): readonly Panel[] {
  return (dashboard.panels ?? []).filter((panel): panel is Panel => panel.type !== 'row');
}

export function targetsOf(panel: Panel): readonly Target[] {
  return (panel.targets ?? []) as unknown as readonly Target[];
}

export function promqlOf(panel: Panel): readonly (Target & { readonly expr: string })[] {
  return targetsOf(panel).filter((target): target is Target & { readonly expr: string } => target.expr !== undefined);
}

/** Every PromQL query of the dashboards, with its place. */
export function allPromql(): readonly { readonly where: string; readonly expr: string }[] {
  return DASHBOARDS.flatMap((dashboard) =>
    panelsOf(dashboard).flatMap((panel) =>
      promqlOf(panel).map(({ refId, expr }) => ({ where: `${dashboard.uid}: ${panel.title}, ${refId}`, expr })),
    ),
  );
}

/** The values that Grafana substitutes for variables when everything is chosen. */
const VALUES: Readonly<Record<string, string>> = {
  $__rate_interval: '15s',
  $__range: '5m',
  $job: '.+',
  $peer: '.+',
  $port: '.*',
};

export function substituted(query: string): string {
  return query.replaceAll(/\$\w+/g, (variable) => {
    const value = VALUES[variable];
    if (value === undefined) throw new Error(`unknown variable ${variable} in ${query}`);
    return value;
  });
}

/** The fields that a table keeps, by the names that Prometheus gives them. */
export function columnsOf(panel: Panel): readonly string[] {
  const kept = panel.transformations?.find(({ id }) => id === 'filterFieldsByName');
  return kept?.options.include.names ?? [];
}
