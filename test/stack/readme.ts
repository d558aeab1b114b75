import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningStack } from '../../examples/stack/run/stack';
import { blocks } from '../docs/pages';
import { firstFiring } from './alertmanager/messages';
import type { Check } from './check';
import { query } from './prometheus/query';

const PATIENCE_MS = 30_000;

/** The README shows the failures and the alert that the shop really produces, apart from numbers. */
export function liveChecks({ urls }: RunningStack): Check[] {
  return [
    { name: "README: the shop's failures", program: 'prometheus', run: () => failures(urls.prometheus) },
    { name: 'README: the page', program: 'alertmanager', run: () => page(urls) },
  ];
}

async function failures(prometheus: string): Promise<string> {
  const [promql = '', ...rows] = (blocks('promql')[0] ?? '').trim().split('\n');
  const expected = rows.map((row) => /^(\{.*\}) \d+$/.exec(row)?.[1] ?? assert.fail(row));
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = (await query(prometheus, promql)).map(({ labels }) => written(labels));
    const missing = expected.filter((series) => !found.includes(series));
    if (missing.length === 0) return `${expected.length} series`;
    if (performance.now() > end) throw new Error(`${promql} has no ${missing.join(' and no ')}`);
    await sleep(1_000);
  }
}

function written(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return `{${pairs.sort().join(', ')}}`;
}

async function page(urls: RunningStack['urls']): Promise<string> {
  const alert = await firstFiring(urls, { alertname: 'SocketStaleLoss', window: 'fast', job: 'orders' });
  assert.ok(alert !== undefined, 'no page');
  const { labels, annotations } = alert;
  const { summary, description, runbook_url } = annotations;
  const text = `${labels.alertname} (${labels.severity}): ${summary} ${description} ${runbook_url}`;
  assert.equal(normal(text), normal(blocks('text')[0] ?? ''));
  return String(summary);
}

/** Numbers and their units differ from run to run, and the README wraps lines. */
function normal(text: string): string {
  return text
    .replace(/ \(\d+ %\)/g, '')
    .replace(/\d+(?:\.\d+)?(?:m?s\b)?/g, 'N')
    .replace(/\s+/g, ' ')
    .trim();
}
