import assert from 'node:assert/strict';
import type { RunningStack, StackUrls } from '../../../examples/stack/run/stack';
import { json } from '../alertmanager/messages';
import type { Check } from '../check';
import { retried, until } from '../until';
import { query } from './query';
import { alertsIn, recordingsIn, ruleFiles } from './rules';

const PATIENCE_MS = 120_000;

/** The alerts that the shop causes, in addition to the page about stale connections. */
const ALERTS = ['SocketNearMissesRising', 'SocketPeerRefusesSome', 'SocketRestartsDoNotDrain', 'SocketPeerAborts'];

/** The alerts from spans that the shop would cause if it had no metrics. */
const SPAN_ALERTS = [
  'SocketSpanStaleLoss',
  'SocketSpanTimeoutMismatch',
  'SocketSpanNearMisses',
  'SocketSpanRestartsDoNotDrain',
];

/** Series that the shop has too few requests for. */
const MAY_BE_EMPTY = /:percent\w+$/;

/** The `shortened` rules, evaluated on the shop's metrics. */
export function liveChecks({ urls }: RunningStack): Check[] {
  return [
    { name: 'prometheus: the Collector is up', program: 'prometheus', run: () => retried(() => targetUp(urls)) },
    { name: 'prometheus: Alertmanager is known', program: 'prometheus', run: () => retried(() => alertmanager(urls)) },
    { name: 'prometheus: the rules are loaded and evaluated', program: 'prometheus', run: () => loaded(urls) },
    ...ruleFiles.map((file) => ({
      name: `${file}: each recording rule has series`,
      program: 'prometheus',
      run: async () => {
        for (const { record } of recordingsIn(file).filter((rule) => !MAY_BE_EMPTY.test(rule.record)))
          await until(`a series of ${record}`, PATIENCE_MS, () => hasNumber(urls, record));
        return `${recordingsIn(file).length} rules with series`;
      },
    })),
    ...SPAN_ALERTS.map((alert) => ({
      name: `${alert} is silent beside the metrics`,
      program: 'prometheus',
      run: () => silent(urls, alert),
    })),
    ...ALERTS.map((alert) => ({
      name: `${alert} fires`,
      program: 'prometheus',
      run: async () => {
        const firing = `ALERTS{alertname="${alert}",alertstate="firing"}`;
        const peers = await until(alert, PATIENCE_MS, async () => {
          const found = await query(urls.prometheus, firing);
          return found.length === 0 ? undefined : found.map(({ labels }) => `${labels.job} → ${labels.server_address}`);
        });
        return peers.join(', ');
      },
    })),
  ];
}

/** It does not fire, but would without the condition that metrics are missing. */
async function silent(urls: StackUrls, alert: string): Promise<string> {
  const { expr = '' } = alertsIn('span-rules.yml').find((rule) => rule.alert === alert) ?? {};
  const condition = /^ *unless on .*socket_failures_total:count.*$/m;
  assert.match(expr, condition);
  const promql = expr.replace(condition, '').replaceAll(/#.*$/gm, '');
  const peers = await until(`${alert} without metrics`, PATIENCE_MS, async () => {
    const found = await query(urls.prometheus, promql);
    return found.length === 0 ? undefined : found;
  });
  assert.deepEqual(await query(urls.prometheus, `ALERTS{alertname="${alert}"}`), []);
  return `${peers.length} peers that metrics know`;
}

interface Targets {
  readonly data: { readonly activeTargets: readonly { readonly health: string; readonly lastError: string }[] };
}

async function targetUp({ prometheus }: StackUrls): Promise<string> {
  const { activeTargets } = ((await json(`${prometheus}/api/v1/targets`)) as Targets).data;
  const bad = activeTargets.find(({ health }) => health !== 'up');
  if (bad !== undefined || activeTargets.length === 0) throw new Error(bad?.lastError || 'no target is up');
  return `${activeTargets.length} target`;
}

async function alertmanager({ prometheus }: StackUrls): Promise<string> {
  const { data } = (await json(`${prometheus}/api/v1/alertmanagers`)) as {
    readonly data: { readonly activeAlertmanagers: readonly unknown[] };
  };
  const { length } = data.activeAlertmanagers;
  if (length !== 1) throw new Error(`${length} Alertmanagers`);
  return 'active';
}

async function loaded(urls: StackUrls): Promise<string> {
  interface Answer {
    readonly data: {
      readonly groups: readonly {
        readonly name: string;
        readonly rules: readonly { readonly name: string; readonly health: string; readonly lastError?: string }[];
      }[];
    };
  }
  const expected = ruleFiles.flatMap((file) => [
    ...alertsIn(file).map((a) => a.alert),
    ...recordingsIn(file).map((r) => r.record),
  ]);
  return until('the evaluation of all rules', PATIENCE_MS, async () => {
    const { data } = (await json(`${urls.prometheus}/api/v1/rules`)) as Answer;
    const rules = data.groups.filter(({ name }) => name !== 'planted').flatMap((group) => group.rules);
    for (const { name, lastError } of rules) if (lastError) throw new Error(`${name}: ${lastError}`);
    assert.deepEqual(rules.map(({ name }) => name).sort(), expected.sort());
    return rules.every(({ health }) => health === 'ok') ? `${rules.length} rules` : undefined;
  });
}

async function hasNumber(urls: StackUrls, record: string): Promise<true | undefined> {
  const samples = await query(urls.prometheus, record);
  return samples.some(({ value }) => Number.isFinite(value)) ? true : undefined;
}
