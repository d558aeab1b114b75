import { perThousand, type ReuseFinding } from '../findings/reuse';
import { number } from '../hindsight/judgement';
import { table, together } from './layout';
import { rateText } from './words';

/** Section 2: on first requests, or only on reused connections? */
export function reuseLines(findings: readonly ReuseFinding[], width: number): string[] {
  if (findings.length === 0) return ['   On neither: no request failed.'];
  return table(
    [
      { title: 'host' },
      { title: 'failed on' },
      { title: 'fresh', isNumber: true },
      { title: 'per 1,000', isNumber: true },
      { title: 'reused', isNumber: true },
      { title: 'per 1,000', isNumber: true },
      { title: `by idle age ${together('(per 1,000)')}` },
    ],
    findings.map((finding) => [
      finding.host,
      finding.answer,
      ofText(finding.fresh),
      rateText(perThousand(finding.fresh)),
      ofText(finding.reused),
      rateText(perThousand(finding.reused)),
      finding.byIdle.map((rate) => together(`${rate.bucket} ${ofText(rate)}${inThousand(rate)}`)).join(', '),
    ]),
    width,
  );
}

/** "4 of 8"; nothing of nothing. */
export function ofText({ failures, requests }: { readonly failures: number; readonly requests: number }): string {
  return requests === 0 ? '' : `${number(failures)} of ${number(requests)}`;
}

function inThousand(rate: { readonly failures: number; readonly requests: number }): string {
  return rate.failures === 0 ? '' : ` (${rateText(perThousand(rate))})`;
}
