import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Check } from '../check';
import { seriesAt } from './answers';
import { DASHBOARDS, panelsOf, promqlOf, substituted } from './dashboards';
import { linksOfPanel } from './links';

interface Urls {
  readonly prometheus: string;
  readonly jaeger: string;
  readonly pager: string;
}

/** The links of each row of a table lead to something: to traces in Jaeger, to a runbook. */
export function liveChecks({ urls }: { readonly urls: Urls }): Check[] {
  return DASHBOARDS.flatMap(panelsOf)
    .filter((panel) => JSON.stringify(panel.fieldConfig?.overrides ?? []).includes('"links"'))
    .map((panel) => ({
      name: `the links of every row lead to something: ${panel.title}`,
      program: 'jaeger, pager',
      run: () => followed(panel, urls),
    }));
}

async function followed(panel: Panel, { prometheus, jaeger, pager }: Urls): Promise<string> {
  const rows = await seriesAt(prometheus, substituted(promqlOf(panel).at(-1)?.expr ?? ''));
  const [from, to] = [Date.now() - 3_600_000, Date.now()].map(String) as [string, string];
  const variables = { tempo: 'tempo', jaeger, runbooks: `${pager}/runbooks`, __from: from, __to: to };
  const found: string[] = [];
  for (const { metric } of rows) {
    for (const { where, url, traceql } of linksOfPanel(panel, metric, variables)) {
      if (traceql !== undefined) continue;
      const isSearch = url.pathname === '/search';
      const response = await fetch(isSearch ? `${jaeger}/api/traces${url.search}` : url);
      const body = await response.text();
      if (!response.ok) throw new Error(`${where}: ${response.status} of ${url}`);
      const traces: number = isSearch ? JSON.parse(body).data.length : 0;
      if (isSearch && traces === 0) throw new Error(`${where}: no trace at ${decodeURIComponent(url.href)}`);
      found.push(isSearch ? `${traces} traces` : 'a runbook');
    }
  }
  if (found.length === 0) throw new Error('no row to click');
  return `${rows.length} rows: ${found.join(', ')}`;
}
