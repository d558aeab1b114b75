import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningStack, StackUrls } from '../../examples/stack/run/stack';
import { alertsIn, recordingsIn, ruleFiles } from './alerts-rules';
import { has, json, lastTold, told } from './alerts-told';
import type { Check } from './check';
import { query } from './shop-metrics';

const PATIENCE_MS = 120_000;

const STALE = { alertname: 'SocketStaleLossFast', job: 'orders', server_address: 'payments', severity: 'page' };
/** Of the same peer: what was known before anything failed. */
const MISMATCH = { alertname: 'SocketTimeoutMismatch', job: 'orders', server_address: 'payments', severity: 'ticket' };
/** What else the shop gives reason for. */
const OTHERS = [
  'SocketNearMissesRising',
  'SocketPeerRefusesSome',
  'SocketRestartsDoNotDrain',
  'SocketSpanStaleLoss',
  'SocketSpanTimeoutMismatch',
  'SocketSpanNearMisses',
  'SocketSpanRestartsDoNotDrain',
];

/** The chain from the shop to the pager, with rules that are `shortened`. */
export function liveChecks({ urls }: RunningStack): Check[] {
  return [
    { name: 'the rules are loaded, and evaluated', program: 'prometheus', run: () => loaded(urls) },
    ...ruleFiles.map((file) => ({
      name: `${file}: each recording rule`,
      program: 'prometheus',
      run: async () => {
        for (const { record } of recordingsIn(file))
          await until(`a series of ${record}`, () => hasNumber(urls, record));
        return `${recordingsIn(file).length} rules with series`;
      },
    })),
    { name: 'stale connections wake somebody', program: 'alertmanager', run: () => paged(urls) },
    { name: 'the ticket of the same peer waits', program: 'alertmanager', run: () => inhibited(urls) },
    ...OTHERS.map((alert) => ({
      name: `${alert} fires`,
      program: 'prometheus',
      run: async () => {
        const firing = `ALERTS{alertname="${alert}",alertstate="firing"}`;
        const peers = await until(alert, async () => {
          const found = await query(urls.prometheus, firing);
          return found.length === 0 ? undefined : found.map(({ labels }) => `${labels.job} → ${labels.server_address}`);
        });
        return peers.join(', ');
      },
    })),
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
        const firing = `ALERTS{alertname="${STALE.alertname}",job="${STALE.job}",alertstate="firing"}`;
        await until('the resolved page', async () => {
          if ((await lastTold(urls, STALE))?.status !== 'resolved') return undefined;
          return (await query(urls.prometheus, firing)).length === 0 ? true : undefined;
        });
        return `within ${Math.round((Date.now() - since) / 1_000)} s`;
      },
    },
  ];
}

async function loaded(urls: StackUrls): Promise<string> {
  interface Answer {
    readonly data: {
      readonly groups: readonly {
        readonly rules: readonly { readonly name: string; readonly health: string; readonly lastError?: string }[];
      }[];
    };
  }
  const expected = ruleFiles.flatMap((file) => [
    ...alertsIn(file).map((a) => a.alert),
    ...recordingsIn(file).map((r) => r.record),
  ]);
  return until('the evaluation of all rules', async () => {
    const { data } = (await json(`${urls.prometheus}/api/v1/rules`)) as Answer;
    const rules = data.groups.flatMap((group) => group.rules);
    for (const { name, lastError } of rules) if (lastError) throw new Error(`${name}: ${lastError}`);
    assert.deepEqual(rules.map(({ name }) => name).sort(), expected.sort());
    return rules.every(({ health }) => health === 'ok') ? `${rules.length} rules` : undefined;
  });
}

async function hasNumber(urls: StackUrls, record: string): Promise<true | undefined> {
  const samples = await query(urls.prometheus, record);
  return samples.some(({ value }) => Number.isFinite(value)) ? true : undefined;
}

/** The page arrives with everything that a person needs, and its links lead somewhere. */
async function paged(urls: StackUrls): Promise<string> {
  const { annotations } = await until('the page about stale connections', () => told(urls, STALE));
  for (const [name, text] of Object.entries(annotations))
    if (/<no value>|<error|NaN|\{\{/.test(text)) throw new Error(`${name}: ${text}`);
  const { summary = '', description = '', runbook_url = '', trace_query = '', jaeger_url = '' } = annotations;
  assert.match(summary, /^orders loses [\d.]+% of its requests on reused connections to payments:\d+$/);
  assert.match(description, /In the last hour, \d+ of \d+ requests on reused/);
  assert.match(
    description,
    /Idle limits: this client none, the peer [\d.]+m?s\. .* before the peer does, after [\d.]+m?s/,
  );
  assert.match(
    trace_query,
    /service\.name = "orders" && span\.server\.address = "payments" && span\.server\.port = \d+ /,
  );
  const runbook = await fetch(runbook_url);
  assert.equal(runbook.status, 200, runbook_url);
  assert.match(await runbook.text(), /stale_keepalive/);
  const { search } = new URL(jaeger_url);
  const traces = (await json(`${urls.jaeger}/api/traces${search}`)) as { readonly data: readonly unknown[] };
  if (traces.data.length === 0) throw new Error(`no trace at ${jaeger_url}`);
  return `"${summary}", ${traces.data.length} traces behind its link`;
}

/** Alertmanager holds the mismatch back while somebody is up because of the same peer. */
function inhibited(urls: StackUrls): Promise<string> {
  interface Held {
    readonly labels: Readonly<Record<string, string>>;
    readonly status: { readonly state: string; readonly inhibitedBy: readonly string[] };
  }
  return until('a mismatch that is held back', async () => {
    const alerts = (await json(`${urls.alertmanager}/api/v2/alerts`)) as readonly Held[];
    const held = alerts.find(({ labels, status }) => has(labels, MISMATCH) && status.inhibitedBy.length > 0);
    return held && `${held.status.state} by ${held.status.inhibitedBy.length}`;
  });
}

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`${what}: not within ${PATIENCE_MS / 1_000} s`);
    await sleep(1_000);
  }
}
