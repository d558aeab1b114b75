import { RETRIED_IN_VAIN } from '../../../../../src/verdict/avoidable';
import { RETRY_POINTLESS } from '../../../../../src/verdict/failure';
import type { Row } from '../assemble';
import { colouredByCause, from, legendBeside, notANumber, number, stacked, text } from '../panels';
import * as queries from '../queries';
import { now, over } from '../targets';
import { WHAT_TO_CHANGE } from './what-to-change';

/** Safe to retry, without the causes for which a retry is no use. */
const SAFE = `socket_failure_retry_safe="true",socket_failure_cause!~"${[...RETRY_POINTLESS, ...RETRIED_IN_VAIN].join('|')}"`;
const WITHOUT =
  'Without what a retry is no use for: what fails again until somebody repairs it, and what ended by a deadline of the program, whose error never says that a retry is safe.';
const NOT_SAFE = 'socket_failure_retry_safe="false"';
const JUDGED = 'socket_failure_retry_safe=~"true|false"';
const SPANS_ONLY =
  'Counted from spans, because only they know the request’s method: spans that were not sampled are missing, and so is the first failure of each kind.';

export const retryAndChange: Row = {
  title: '4. Is it safe to retry, and what do I change?',
  panels: [
    colouredByCause(
      stacked({
        title: 'Failures that a retry could save, by cause',
        description: `Nothing was sent, or the method is idempotent: sent again, they could not have done anything twice. ${WITHOUT} ${SPANS_ONLY}`,
        unit: 'reqps',
        none: 'No failure that a retry could save.',
      })
        .span(10)
        .legend(legendBeside())
        .withTarget(over('A', `sum by (socket_failure_cause) (${spanRate(SAFE)})`, '{{socket_failure_cause}}')),
    ),
    stacked({
      title: 'What a retry could save, by peer',
      description: `And what was not safe to send again. ${WITHOUT} ${SPANS_ONLY}`,
      unit: 'reqps',
      none: 'No failure.',
    })
      .span(10)
      .legend(legendBeside())
      .withTarget(over('A', `sum by (server_address) (${spanRate(SAFE)})`, '{{server_address}} could be saved'))
      .withTarget(over('B', `sum by (server_address) (${spanRate(NOT_SAFE)})`, '{{server_address}} not safe')),
    number({
      title: 'Failures that a retry could save',
      description: `The share of the failed requests that were safe to send again. ${WITHOUT} ${SPANS_ONLY}`,
      unit: 'percentunit',
      none: 'no failure',
    })
      .span(4)
      .height(8)
      .decimals(0)
      .thresholds(from('text'))
      .mappings([notANumber('no failure')])
      .withTarget(now('A', `sum(${spanIncrease(SAFE)}) / sum(${spanIncrease(JUDGED)})`)),
    text('What to change', 'From what you see to what to change; every cause has a runbook.', WHAT_TO_CHANGE).height(
      18,
    ),
  ],
};

function spanRate(matcher: string) {
  return `rate(${queries.failedSpans(matcher)}[$__rate_interval])`;
}

function spanIncrease(matcher: string) {
  return `increase(${queries.failedSpans(matcher)}[$__range])`;
}
