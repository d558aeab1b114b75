import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  type Panel,
  RowBuilder,
  type VariableModel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { otherDashboards } from './links';
import { variables } from './variables';

const TAG = 'opentelemetry-instrumentation-socket';

export interface Row {
  /** The question that its panels answer. */
  readonly title: string;
  readonly panels: readonly Builder<Panel>[];
}

/** A dashboard with these rows from top to bottom; panels are numbered in reading order. */
export function assemble(about: {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly rows: readonly Row[];
  /** In addition to those of every dashboard. */
  readonly variables?: readonly Builder<VariableModel>[];
}): Dashboard {
  const { uid, title, description, rows, variables: more = [] } = about;
  const dashboard = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags([TAG])
    .editable()
    .time({ from: 'now-30m', to: 'now' })
    .refresh('10s')
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .link(otherDashboards(TAG))
    .variables([...variables(), ...more])
    .annotations([]);
  let id = 0;
  const numbered = (panel: Builder<Panel>): Builder<Panel> => {
    id += 1;
    const built = { ...panel.build(), id };
    return { build: () => built };
  };
  for (const row of rows) {
    id += 1;
    dashboard.withRow(new RowBuilder(row.title).id(id));
    for (const panel of row.panels) dashboard.withPanel(numbered(panel));
  }
  return dashboard.build();
}
