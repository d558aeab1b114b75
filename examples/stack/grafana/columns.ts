import { TableSortByFieldStateBuilder } from '@grafana/grafana-foundation-sdk/common';
import type { PanelBuilder } from '@grafana/grafana-foundation-sdk/table';

/** The labels of a peer as columns. */
export const PEER_COLUMNS = { job: 'Service', server_address: 'Peer', server_port: 'Port' };

/**
 * Puts what the queries return side by side, a row for each peer, and names the columns; what is not named is left out.
 * The rows with the most in column `first` come first.
 */
export function columns(panel: PanelBuilder, names: Readonly<Record<string, string>>, first: string): PanelBuilder {
  const fields = Object.keys(names);
  const indexByName = Object.fromEntries(fields.map((field, index) => [field, index]));
  return panel
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({ id: 'filterFieldsByName', options: { include: { names: fields } } })
    .withTransformation({ id: 'organize', options: { excludeByName: {}, indexByName, renameByName: names } })
    .sortBy([new TableSortByFieldStateBuilder().displayName(first).desc(true)]);
}
