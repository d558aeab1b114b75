import type { CauseFinding, HostFinding } from '../findings/hosts';
import { perThousand } from '../findings/reuse';
import { number } from '../wording';
import { table, together } from './layout';
import { rateText, share } from './words';

/** Section 1: which hosts reset? */
export function hostLines(hosts: readonly HostFinding[], width: number): string[] {
  if (hosts.length === 0) return ['   None: no request failed.'];
  return table(
    [
      { title: 'host' },
      { title: 'requests', isNumber: true },
      { title: 'failed', isNumber: true },
      { title: 'per 1,000', isNumber: true },
      { title: 'safe to retry', isNumber: true },
      { title: 'causes' },
    ],
    hosts.map((host) => [
      host.host,
      number(host.requests),
      number(host.failures),
      rateText(perThousand(host)),
      share(host.safeToRetry, host.safeToRetry + host.notSafeToRetry),
      host.causes.map((cause) => causeText(cause).split('; ').map(together).join('; ')).join(', '),
    ]),
    width,
  );
}

/** "12 peer_aborted (possible; in hindsight 10 peer_restart)". */
export function causeText({ cause, failures, byConfidence, inHindsight }: CauseFinding): string {
  const sure = Object.entries(byConfidence);
  const confidence =
    sure.length === 1 ? sure.map(([name]) => name) : sure.map(([name, count]) => `${number(count)} ${name}`);
  const changed = Object.entries(inHindsight).map(([name, count]) => `${number(count)} ${name}`);
  const hindsight = changed.length === 0 ? [] : [`in hindsight ${changed.join(', ')}`];
  const more = [confidence.join(', '), ...hindsight].filter(Boolean).join('; ');
  return `${number(failures)} ${cause}${more === '' ? '' : ` (${more})`}`;
}
