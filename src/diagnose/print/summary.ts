import type { Diagnosis, SourceFinding } from '../findings/diagnosis';
import { number, plural } from '../hindsight/judgement';
import { dateText, rateText } from './words';

/** Everything in one sentence. */
export function summaryText({ requests, failures, avoidable, services, period }: Diagnosis): string {
  const when = period === undefined ? '' : `, ${dateText(period.fromMs)} to ${dateText(period.toMs)} UTC`;
  const rate = requests === 0 ? '' : ` (${rateText((failures * 1_000) / requests)} per 1,000)`;
  return `${plural(requests, 'request')} of ${plural(services.length, 'service')}${when}: ${number(failures)} failed${rate}, ${number(avoidable)} of them avoidable by the client.`;
}

/** What of a source could not be read; undefined if all could. */
export function brokenText({ name, brokenLines, firstBroken }: SourceFinding): string | undefined {
  if (brokenLines === 0) return undefined;
  return `${name}: ${plural(brokenLines, 'line')} could not be read, the first is line ${number(firstBroken?.line ?? 0)} (${firstBroken?.why ?? ''}).`;
}
