import type { Diagnosis, SourceFinding } from '../findings/diagnosis';
import { perThousand } from '../findings/reuse';
import { number, plural } from '../wording';
import { periodText, rateText } from './words';

/** Everything in one sentence. */
export function summaryText(diagnosis: Diagnosis): string {
  const { requests, failures, avoidable, services, period } = diagnosis;
  if (requests === 0) return nothingText(diagnosis);
  const whose = services.length === 1 ? (services[0] ?? '') : plural(services.length, 'service');
  const when = period === undefined ? '' : `, ${periodText(period)} UTC`;
  const rate = rateText(perThousand(diagnosis));
  return `${plural(requests, 'request')} of ${whose}${when}: ${number(failures)} failed (${rate} per 1,000)${failures === 0 ? '' : `, ${number(avoidable)} of them avoidable by the client`}.`;
}

/** Why there is no request to judge. */
function nothingText({ spans, leftOut, sources }: Diagnosis): string {
  const { service, since } = leftOut;
  const isMetrics = spans === 0 && sources.some(({ kind }) => kind === 'prometheus');
  const filters = [service === 0 ? '' : '--service', since === 0 ? '' : '--since'].filter(Boolean).join(' and ');
  const none = 'no request of a client with this package is';
  if (filters === '')
    return `Nothing to judge: ${none} ${isMetrics ? 'in the metrics' : `among ${plural(spans, 'span')}`} (see "Set-up" in the README for how to check that it works).`;
  const leftOutOf = spans === 0 ? 'other services' : `${number(service + since)} of ${plural(spans, 'span')}`;
  return `Nothing to judge: ${filters} left out ${leftOutOf}, and ${none} among the rest.`;
}

/** What of a source could not be read, a sentence each. */
export function brokenTexts({ name, brokenLines, firstBroken, stopped }: SourceFinding): string[] {
  const lines = `${name}: ${plural(brokenLines, 'line')} could not be read, the first is line ${number(firstBroken?.line ?? 0)} (${firstBroken?.why ?? ''}).`;
  return [
    ...(stopped === undefined ? [] : [`${stopped}: only what came before that is counted.`]),
    ...(brokenLines === 0 ? [] : [lines]),
  ];
}

/** Instead of incidents, where there are none. */
export function noIncidentText(diagnosis: Diagnosis): string {
  return isExamined(diagnosis)
    ? 'None: at no moment did a peer end or refuse three or more connections together.'
    : NOT_KNOWN;
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
