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

/** Instead of incidents, where there are none. */
export function noIncidentText(diagnosis: Diagnosis): string {
  return isExamined(diagnosis) ? 'None: no three connections to one peer failed in one moment.' : NOT_KNOWN;
}

/** Instead of changes, where there are none. */
export function noChangeText(diagnosis: Diagnosis): string {
  if (!isExamined(diagnosis)) return NOT_KNOWN;
  if (diagnosis.failures === 0) return 'Nothing: no request failed.';
  return 'Nothing can be advised: the spans of the failures lack their verdicts.';
}

const NOT_KNOWN = 'Not known: metrics show no single failures. The idle timeouts to set are above; spans say the rest.';

/** Nothing failed, or failures were looked at one by one. */
function isExamined({ failures, examined }: Diagnosis): boolean {
  return failures === 0 || examined > 0;
}
