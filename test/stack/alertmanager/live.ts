import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningStack, StackUrls } from '../../../examples/stack/run/stack';
import type { Check } from '../check';
import { query } from '../prometheus/query';
import { until } from '../until';
import { firstFiring, has, json, lastMessage, messagesAbout } from './messages';

const PATIENCE_MS = 120_000;

const STALE = {
  alertname: 'SocketStaleLoss',
  window: 'fast',
  job: 'orders',
  server_address: 'payments',
  severity: 'page',
};
/** A ticket about the same peer, which fires without any failure. */
const MISMATCH = { alertname: 'SocketTimeoutMismatch', job: 'orders', server_address: 'payments', severity: 'ticket' };

/** The way from the shop to the pager, with `shortened` rules. */
export function liveChecks({ urls }: RunningStack): Check[] {
  return [
    { name: 'stale connections page somebody', program: 'alertmanager', run: () => paged(urls) },
    { name: 'one fault in three windows pages once', program: 'alertmanager', run: () => onePage(urls) },
    { name: 'the page inhibits the ticket of the same peer', program: 'alertmanager', run: () => inhibited(urls) },
  ];
}

/** After `fixShop()`. */
export function fixedChecks({ urls }: RunningStack): Check[] {
  return [
    {
      name: 'the fix resolves the page',
      program: 'alertmanager',
      run: async () => {
        const since = Date.now();
        const firing = `ALERTS{alertname="${STALE.alertname}",window="fast",job="${STALE.job}",alertstate="firing"}`;
        await until('the resolved page', PATIENCE_MS, async () => {
          if ((await lastMessage(urls, STALE))?.status !== 'resolved') return undefined;
          return (await query(urls.prometheus, firing)).length === 0 ? true : undefined;
        });
        return `within ${Math.round((Date.now() - since) / 1_000)} s`;
      },
    },
  ];
}

/** The page arrives with everything that a person needs, and its links lead to what they name. */
async function paged(urls: StackUrls): Promise<string> {
  const { annotations } = await until('the page about stale connections', PATIENCE_MS, () => firstFiring(urls, STALE));
  for (const [name, text] of Object.entries(annotations))
    if (/<no value>|<error|NaN|\{\{/.test(text)) throw new Error(`${name}: ${text}`);
  const { summary = '', description = '', runbook_url = '', trace_query = '', jaeger_url = '' } = annotations;
  assert.match(summary, /^orders lost \d+ of \d+ requests on reused connections to payments:\d+(?: \(\d+ %\))?$/);
  assert.match(description, /In the last hour, \d+ of \d+ requests on reused/);
  assert.match(
    description,
    /Idle timeouts: this client none, the peer [\d.]+m?s\. .* before the peer does, after [\d.]+m?s/,
  );
  assert.match(
    trace_query,
    /service\.name = "orders" && span\.server\.address = "payments" && span\.server\.port = \d+ /,
  );
  const runbook = await fetch(runbook_url);
  assert.equal(runbook.status, 200, runbook_url);
  assert.match(await runbook.text(), /stale_keepalive/);
  const traces = (await json(jaeger_url)) as { readonly data: readonly unknown[] };
  if (traces.data.length === 0) throw new Error(`no trace at ${jaeger_url}`);
  return `"${summary}", ${traces.data.length} traces behind its link`;
}

/** All three windows fire for a peer: one message comes, about the shortest. */
async function onePage(urls: StackUrls): Promise<string> {
  const peer = { job: 'three-windows', server_address: 'somewhere', server_port: '80' };
  const severities = { fast: 'page', sustained: 'page', slow: 'ticket' };
  const alerts = Object.entries(severities).map(([window, severity]) => {
    return { labels: { ...peer, alertname: STALE.alertname, window, severity, source: 'metrics' } };
  });
  const response = await fetch(`${urls.alertmanager}/api/v2/alerts`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(alerts),
  });
  assert.equal(response.status, 200, await response.text());
  await until('the page', PATIENCE_MS, () => firstFiring(urls, peer));
  await until('two inhibited alerts', PATIENCE_MS, async () => {
    const all = (await json(`${urls.alertmanager}/api/v2/alerts`)) as readonly Inhibited[];
    const inhibited = all.filter(({ labels, status }) => has(labels, peer) && status.inhibitedBy.length > 0);
    return inhibited
      .map(({ labels }) => labels.window)
      .sort()
      .join() === 'slow,sustained'
      ? true
      : undefined;
  });
  // Groups are notified again after two seconds.
  await sleep(5_000);
  const windows = (await messagesAbout(urls, peer)).map(({ labels }) => labels.window);
  assert.deepEqual([...new Set(windows)], ['fast']);
  return `${windows.length} message, about the window fast`;
}

interface Inhibited {
  readonly labels: Readonly<Record<string, string>>;
  readonly status: { readonly state: string; readonly inhibitedBy: readonly string[] };
}

/** Alertmanager inhibits the mismatch while a page about the same peer is firing. */
function inhibited(urls: StackUrls): Promise<string> {
  return until('an inhibited mismatch', PATIENCE_MS, async () => {
    const alerts = (await json(`${urls.alertmanager}/api/v2/alerts`)) as readonly Inhibited[];
    const inhibited = alerts.find(({ labels, status }) => has(labels, MISMATCH) && status.inhibitedBy.length > 0);
    return inhibited && `${inhibited.status.state} by ${inhibited.status.inhibitedBy.length}`;
  });
}
