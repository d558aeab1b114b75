import type { StackUrls } from './stack';

/** What to look at first, and its address. */
export function whatToOpen(urls: StackUrls): readonly (readonly [what: string, url: string])[] {
  const prometheus = browser(urls.prometheus);
  const ask = (query: string, tab: 'graph' | 'table') => {
    const tabs = { graph: 0, table: 1 };
    return `${prometheus}/graph?g0.tab=${tabs[tab]}&g0.range_input=5m&g0.expr=${encodeURIComponent(query)}`;
  };
  const failures = 'sum by (job, server_address, socket_failure_cause) (socket_failures_total) > 0';
  const timeouts = '{__name__=~"socket_(peer|client)_timeout_seconds"}';
  const stale = encodeURIComponent('{"socket.failure.cause":"stale_keepalive"}');
  return [
    ['Alerts, as the on-call sees them', `${browser(urls.pager)}/`],
    ['Which peer fails, and why', ask(failures, 'graph')],
    ['Whose idle timeout is shorter (0: none)', ask(timeouts, 'table')],
    // Debian's Prometheus has the classic pages only.
    ['Alerts and their expressions', `${prometheus}/classic/alerts`],
    ['Who is notified, and about what', `${browser(urls.alertmanager)}/api/v2/alerts`],
    [
      'Spans on stale connections, as JSON',
      `${browser(urls.jaeger)}/api/traces?service=orders&lookback=1h&tags=${stale}`,
    ],
    ['What to do, by cause', `${browser(urls.pager)}/runbooks`],
  ];
}

function browser(url: string): string {
  return url.replace('127.0.0.1', 'localhost');
}
