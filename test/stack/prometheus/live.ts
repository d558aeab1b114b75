import assert from 'node:assert/strict';
import type { RunningStack, StackUrls } from '../../../examples/stack/run/stack';
import { json } from '../alertmanager/messages';
import type { Check } from '../check';
import { query } from '../shop/metrics';
import { until } from '../until';
import { alertsIn, recordingsIn, ruleFiles } from './rules';

const PATIENCE_MS = 120_000;

/** What the shop gives reason for, beside the page about stale connections. */
const OTHERS = [
  'SocketNearMissesRising',
  'SocketPeerRefusesSome',
  'SocketRestartsDoNotDrain',
  'SocketSpanStaleLoss',
  'SocketSpanTimeoutMismatch',
  'SocketSpanNearMisses',
  'SocketSpanRestartsDoNotDrain',
];

/** The rules at work on the shop, `shortened`. */
export function liveChecks({ urls }: RunningStack): Check[] {
  return [
    { name: 'the rules are loaded, and evaluated', program: 'prometheus', run: () => loaded(urls) },
    ...ruleFiles.map((file) => ({
      name: `${file}: each recording rule`,
      program: 'prometheus',
      run: async () => {
        for (const { record } of recordingsIn(file))
          await until(`a series of ${record}`, PATIENCE_MS, () => hasNumber(urls, record));
        return `${recordingsIn(file).length} rules with series`;
      },
    })),
    ...OTHERS.map((alert) => ({
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
  return until('the evaluation of all rules', PATIENCE_MS, async () => {
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
