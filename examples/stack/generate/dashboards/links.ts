import { type DashboardLink, DashboardLinkBuilder, DashboardLinkType } from '@grafana/grafana-foundation-sdk/dashboard';

/** A link in the `links` of a field, as Grafana reads it. */
export interface DataLink {
  readonly title: string;
  readonly url: string;
  readonly targetBlank: boolean;
}

/** Columns of the clicked row, by the names that Prometheus gives them; the table may show other names. */
const ROW = {
  job: `\${__data.fields.job}`,
  address: `\${__data.fields.server_address}`,
  port: `\${__data.fields.server_port}`,
  cause: `\${__data.fields.socket_failure_cause}`,
};
const SPANS_OF_ROW = `kind = client && resource.service.name = "${ROW.job}" && span.server.address = "${ROW.address}"`;

/** Percent-encodes everything but `${…}`, which Grafana replaces before the browser sees the address. */
function encoded(text: string): string {
  const parts = text.split(/(\$\{[^}]+\})/);
  return parts.map((part) => (part.startsWith(`\${`) ? part : encodeURIComponent(part))).join('');
}

/** Opens a query in Grafana's Explore, on Tempo. */
function inTempo(title: string, query: string): DataLink {
  const uid = `\${tempo}`;
  const search = { refId: 'A', queryType: 'traceql', tableType: 'spans', limit: 50, query };
  const queries = [{ ...search, datasource: { type: 'tempo', uid } }];
  const range = { from: `\${__from}`, to: `\${__to}` };
  const panes = encoded(JSON.stringify({ spans: { datasource: uid, queries, range } }));
  return { title, url: `/explore?schemaVersion=1&orgId=1&panes=${panes}`, targetBlank: true };
}

/** Opens Jaeger's search page. Jaeger takes microseconds, Grafana gives milliseconds. */
function inJaeger(title: string, tags: Readonly<Record<string, string>>): DataLink {
  const peer = { 'server.address': ROW.address, 'server.port': ROW.port };
  const what = `service=${ROW.job}&tags=${encoded(JSON.stringify({ ...peer, ...tags }))}`;
  const when = `lookback=custom&start=\${__from}000&end=\${__to}000&limit=50`;
  return { title, url: `\${jaeger}/search?${what}&${when}`, targetBlank: true };
}

/** The traces of the failures that a row counts, by service, peer and cause. */
export function tracesOfFailures(): DataLink[] {
  const query = `{ ${SPANS_OF_ROW} && span.socket.failure.cause = "${ROW.cause}" } | select(span.socket.failure.explanation)`;
  return [inTempo('Traces in Tempo', query), inJaeger('Traces in Jaeger', { 'socket.failure.cause': ROW.cause })];
}

/** The spans that carry both idle timeouts for a row's peer. */
export function tracesOfMismatches(): DataLink[] {
  const query = `{ ${SPANS_OF_ROW} && span.socket.timeout_mismatch = true } | select(span.socket.client_timeout_ms, span.socket.peer_timeout_ms)`;
  return [inTempo('Spans in Tempo', query), inJaeger('Spans in Jaeger', { 'socket.timeout_mismatch': 'true' })];
}

export function runbookOfCause(): DataLink[] {
  return [{ title: 'Runbook of this cause', url: `\${runbooks}/${ROW.cause}`, targetBlank: true }];
}

/** From one of our dashboards to the other, with the same time range and variables. */
export function otherDashboards(tag: string): { build(): DashboardLink } {
  const link = new DashboardLinkBuilder('Connections').type(DashboardLinkType.Dashboards);
  // The library would set a placement, which Grafana before 12.3 does not know.
  const { placement: _, ...shown } = link.tags([tag]).keepTime(true).includeVars(true).build();
  return { build: () => shown };
}
