import type { Rate } from '../collect/host';
import { perThousand, type ReuseFinding } from '../findings/reuse';
import { number } from '../wording';
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
      ...rateCells(finding.fresh, finding.perhapsFresh),
      ...rateCells(finding.reused, finding.perhapsReused),
      finding.byIdle.map((rate) => together(`${rate.bucket} ${ofText(rate)}${inThousand(rate)}`)).join(', '),
    ]),
    width,
  );
}

/** "4 of 8" and its rate; "4 to 6 of 8" and none, if two more may be among them; nothing of nothing. */
export function rateCells(rate: Readonly<Rate>, perhaps: number): readonly [string, string] {
  const { failures, requests } = rate;
  const most = Math.min(failures + perhaps, requests);
  if (most <= failures) return [ofText(rate), rateText(perThousand(rate))];
  return [`${number(failures)} to ${number(most)} of ${number(requests)}`, ''];
}

export function ofText({ failures, requests }: Readonly<Rate>): string {
  return requests === 0 ? '' : `${number(failures)} of ${number(requests)}`;
}

function inThousand(rate: Readonly<Rate>): string {
  return rate.failures === 0 ? '' : ` (${rateText(perThousand(rate))})`;
}
