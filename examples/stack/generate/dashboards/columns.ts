import { TableSortByFieldStateBuilder } from '@grafana/grafana-foundation-sdk/common';
import type { PanelBuilder } from '@grafana/grafana-foundation-sdk/table';

/** The labels of a peer as columns. */
export const PEER_COLUMNS = { job: 'Service', server_address: 'Peer', server_port: 'Port' };

/** A label is not a number, but Grafana takes port 8081 for one and shows "8.08 K" in the table and in its links. */
const LABEL = [
  { id: 'unit', value: 'string' },
  { id: 'noValue', value: '–' },
];

/**
 * Joins the results of the queries, one row for each peer, and names the columns. Fields without a name are dropped,
 * above all the time, because rows of different times would not be merged. Sorted by the column `first`, in descending
 * order.
 */
export function columns(panel: PanelBuilder, names: Readonly<Record<string, string>>, first: string): PanelBuilder {
  const fields = Object.keys(names);
  const indexByName = Object.fromEntries(fields.map((field, index) => [field, index]));
  for (const [field, name] of Object.entries(names)) if (!field.startsWith('Value')) panel.overrideByName(name, LABEL);
  return panel
    .withTransformation({ id: 'filterFieldsByName', options: { include: { names: fields } } })
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({ id: 'organize', options: { excludeByName: {}, indexByName, renameByName: names } })
    .sortBy([new TableSortByFieldStateBuilder().displayName(first).desc(true)]);
}
