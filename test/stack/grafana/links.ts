import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { CAUSES } from '../../../examples/stack/generate/dashboards/causes';
import type { DataLink } from '../../../examples/stack/generate/dashboards/links';
import type { Check } from '../check';
import { columnsOf, DASHBOARDS, panelsOf } from './dashboards';

/** A row of a table. */
const ROW: Texts = {
  job: 'gateway',
  server_address: 'orders.example',
  server_port: '8081',
  socket_failure_cause: 'stale_keepalive',
};
const VARIABLES: Texts = {
  tempo: 'tempo',
  jaeger: 'http://localhost:16686',
  runbooks: 'http://localhost:9095/runbooks',
  __from: '1700000000000',
  __to: '1700001800000',
};

export interface Link {
  readonly where: string;
  /** The address that the browser opens. */
  readonly url: URL;
  /** The query in Explore. */
  readonly traceql: string | undefined;
}

/** The links of a dashboard's tables, for one row. */
export function linksOf(dashboard: Dashboard): readonly Link[] {
  return panelsOf(dashboard).flatMap((panel) => linksOfPanel(panel, ROW, VARIABLES));
}

type Texts = Readonly<Record<string, string>>;

/**
 * The links of a table for a row, by the names of its columns. Throws where a link names a column that the table drops.
 */
export function linksOfPanel(panel: Panel, row: Texts, variables: Texts): readonly Link[] {
  const properties = panel.fieldConfig?.overrides.flatMap((override) => override.properties) ?? [];
  const links: readonly DataLink[] = properties.filter(({ id }) => id === 'links').flatMap(({ value }) => value);
  return links.map(({ title, url }) => {
    const filled = url.replaceAll(/\$\{([\w.]+)\}/g, (_, name: string) => {
      const column = name.replace('__data.fields.', '');
      const value = variables[name] ?? (columnsOf(panel).includes(column) ? row[column] : undefined);
      if (value === undefined) throw new Error(`${panel.title}: no value for ${name}`);
      return value;
    });
    const opened = new URL(filled, 'http://localhost:3000');
    return { where: `${panel.title}: ${title}`, url: opened, traceql: traceqlOf(opened) };
  });
}

function traceqlOf({ pathname, searchParams }: URL): string | undefined {
  if (pathname !== '/explore') return undefined;
  const { spans } = JSON.parse(searchParams.get('panes') ?? '');
  return spans.queries[0].query;
}

export function staticChecks(): Check[] {
  return [
    {
      name: 'dashboards: each link has the service and the peer of its row',
      program: 'URL',
      run: async () => DASHBOARDS.flatMap(linksOf).map(verified).join(', '),
    },
    { name: 'dashboards: the text links every cause to its runbook', program: 'text', run: async () => runbooks() },
  ];
}

/** Checks that a link has the service and the peer of its row where its program reads them. */
function verified({ where, url, traceql }: Link): string {
  const text = decodeURIComponent(url.href);
  if (/\$\{|undefined/.test(text)) throw new Error(`${where}: ${text}`);
  if (url.pathname.startsWith('/runbooks/')) return where;
  if (traceql === undefined) {
    const tags: unknown = JSON.parse(url.searchParams.get('tags') ?? '');
    const isOfPeer = (tags as Record<string, string>)['server.address'] === ROW.server_address;
    const isOfService = url.searchParams.get('service') === ROW.job;
    const isInMicroseconds = url.searchParams.get('start') === `${VARIABLES.__from}000`;
    if (!isOfPeer || !isOfService || !isInMicroseconds) throw new Error(`${where}: ${text}`);
  } else if (!traceql.includes(`"${ROW.server_address}"`) || !traceql.includes(`"${ROW.job}"`)) {
    throw new Error(`${where}: ${traceql}`);
  }
  return where;
}

/** The text links only causes that exist, and all that count as failures of a client's request. */
function runbooks(): string {
  const named = new Set(
    [...JSON.stringify(DASHBOARDS).matchAll(/\$\{runbooks\}\/([a-z_]+)/g)].map(([, cause = '']) => cause),
  );
  const wrong = [...named].filter((cause) => !CAUSES.some((known) => known === cause));
  if (wrong.length > 0) throw new Error(`no such cause: ${wrong.join(', ')}`);
  const missing = CAUSES.filter((cause) => !named.has(cause) && !NOT_LINKED.includes(cause));
  if (missing.length > 0) throw new Error(`not in the text: ${missing.join(', ')}`);
  return `${named.size} causes`;
}

/** Not a failure of a client's request, or not counted as one. */
const NOT_LINKED: readonly string[] = ['client_gone', 'client_cancelled'];
