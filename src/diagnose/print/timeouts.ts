import { durationText } from '../../verdict/advice/phrases';
import type { TimeoutFinding } from '../findings/timeouts';
import { number } from '../wording';
import { table } from './layout';
import { timeoutText } from './words';

/** Section 3: whose idle timeout is shorter? */
export function timeoutLines(findings: readonly TimeoutFinding[], width: number): string[] {
  if (findings.length === 0)
    return ['   Not known: idle timeouts are on spans of failures and of mismatches, and there are none.'];
  return table(
    [
      { title: 'service' },
      { title: 'host' },
      { title: 'client' },
      { title: 'announced' },
      { title: 'observed' },
      { title: 'near misses', isNumber: true },
      { title: 'shorter' },
    ],
    findings.map((finding) => [
      finding.service,
      finding.host,
      timeoutText(finding.client),
      timeoutText(finding.announced),
      timeoutText(finding.observed),
      number(finding.nearMisses),
      shorterText(finding),
    ]),
    width,
  );
}

export function shorterText({ shorter, advisedMs, isForPath }: TimeoutFinding): string {
  if (shorter === undefined) return 'not known';
  if (shorter === 'client') return "the client's";
  const whose = shorter === 'peer' ? "the peer's" : "the peer's for some pools";
  if (advisedMs === undefined) return whose;
  return isForPath ? `the path's? try ${durationText(advisedMs)}` : `${whose}: set ${durationText(advisedMs)}`;
}
