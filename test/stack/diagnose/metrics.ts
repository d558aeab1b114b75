import assert from 'node:assert/strict';
import type { RunningStack } from '../../../examples/stack/run/stack';
import type { Diagnosis } from '../../../src/diagnose/findings/diagnosis';
import { found } from '../../diagnose/run';
import type { Check } from '../check';
import { retried } from '../until';

/** What `diagnose` finds in the shop's metrics, it finds in its spans, too. */
export function liveChecks({ urls }: RunningStack): Check[] {
  const run = () => retried(() => compared(urls), 2_000);
  return [{ name: 'diagnose: the metrics of the shop agree with its spans', program: 'prometheus', run }];
}

const causesOf = ({ hosts }: Diagnosis) =>
  hosts.flatMap(({ host, causes }) => causes.map(({ cause }) => `${host} ${cause}`)).sort();

async function compared(urls: RunningStack['urls']): Promise<string> {
  const metrics = await found([`prometheus:${urls.prometheus}`, '--since', '10m']);
  const spans = await found([`jaeger:${urls.jaeger}`, '--since', '10m']);
  assert.equal(metrics.examined, 0);
  const known = new Set(causesOf(spans));
  assert.deepEqual(
    causesOf(metrics).filter((each) => !known.has(each)),
    [],
    'only the metrics have these',
  );
  const seen = causesOf(metrics).map((each) => each.replace(/:\d+/, ''));
  for (const each of ['payments stale_keepalive', 'mailer not_listening']) assert.ok(seen.includes(each), each);
  const whose = metrics.timeouts.find(({ service, host }) => service === 'orders' && host.startsWith('payments:'));
  assert.deepEqual([whose?.client, whose?.shorter], [{ fromMs: 0, toMs: 0 }, 'peer']);
  const unconnected = metrics.reuse.filter(({ answer }) => answer === 'no connection');
  assert.ok(
    unconnected.some(({ host }) => host.startsWith('mailer:')),
    'mailer was never connected',
  );
  return seen.join(', ');
}
