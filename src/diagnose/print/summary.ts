import type { Diagnosis, SourceFinding } from '../findings/diagnosis';
import { number, plural } from '../hindsight/judgement';
import { periodText, rateText } from './words';

/** Everything in one sentence. */
export function summaryText({ spans, requests, failures, avoidable, services, period }: Diagnosis): string {
  if (requests === 0)
    return `Nothing to judge: no request of a client with this package is among ${plural(spans, 'span')}.`;
  const whose = services.length === 1 ? (services[0] ?? '') : plural(services.length, 'service');
  const when = period === undefined ? '' : `, ${periodText(period)} UTC`;
  const rate = rateText((failures * 1_000) / requests);
  return `${plural(requests, 'request')} of ${whose}${when}: ${number(failures)} failed (${rate} per 1,000), ${number(avoidable)} of them avoidable by the client.`;
}

/** What of a source could not be read; undefined if all could. */
export function brokenText({ name, brokenLines, firstBroken }: SourceFinding): string | undefined {
  if (brokenLines === 0) return undefined;
  return `${name}: ${plural(brokenLines, 'line')} could not be read, the first is line ${number(firstBroken?.line ?? 0)} (${firstBroken?.why ?? ''}).`;
}

export const NO_INCIDENT = 'None: no three connections to one peer failed in one moment.';
export const NO_CHANGE = 'Nothing: no request failed.';

/** Instead of incidents and of changes, where there are none: nothing failed, or nothing was looked at one by one. */
export function noneText({ failures, examined }: Diagnosis, none: string): string {
  if (failures === 0 || examined > 0) return none;
  return 'Not known: metrics show no single failures. The idle timeouts to set are above; spans say the rest.';
}
