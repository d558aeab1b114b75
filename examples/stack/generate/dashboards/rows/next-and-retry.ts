import type { Row } from '../assemble';
import { colouredByCause, from, lines, notANumber, number, stacked } from '../panels';
import * as queries from '../queries';
import { now, over } from '../targets';

const SAFE = 'socket_failure_retry_safe="true"';
const JUDGED = 'socket_failure_retry_safe=~"true|false"';
const SPANS_ONLY =
  'Counted from spans, which alone know the request’s method: sampled-out spans are missing, and so is the first failure of its kind.';

export const nearMisses: Row = {
  title: '4. What fails next? Near misses',
  panels: [
    lines({
      title: 'Near misses',
      description:
        'Reuses that went well although the connection had been idle for nearly as long as the peer allows. Each was a failure but for some milliseconds. They end when the client’s limit is the advised one.',
      unit: 'reqps',
    }).withTarget(over('A', rate(queries.nearMisses), `{{job}} → ${queries.PEER_LEGEND}`)),
    lines({
      title: 'Share of reuses that were near misses',
      description: 'Of all requests on reused connections to that peer. Not drawn while nothing is reused.',
      unit: 'percentunit',
      none: 'no reuse in this time',
    }).withTarget(over('A', queries.ofReuses(queries.PEER, queries.nearMisses), `{{job}} → ${queries.PEER_LEGEND}`)),
  ],
};

export const retry: Row = {
  title: '5. What would a retry have saved?',
  panels: [
    colouredByCause(
      stacked({
        title: 'Failures that were safe to retry, by cause',
        description: `Sent again, they could not have done anything twice: nothing was sent, or the method is idempotent. ${SPANS_ONLY}`,
        unit: 'reqps',
        none: 'No failure that was safe to retry.',
      }).withTarget(over('A', `sum by (socket_failure_cause) (${spanRate(SAFE)})`, '{{socket_failure_cause}}')),
    ),
    stacked({
      title: 'Safe to retry, by peer',
      description: `What a retry could save at each peer, and what it could not. ${SPANS_ONLY}`,
      unit: 'reqps',
      none: 'No failure.',
    })
      .span(8)
      .withTarget(over('A', `sum by (server_address) (${spanRate(SAFE)})`, '{{server_address}} safe'))
      .withTarget(
        over(
          'B',
          `sum by (server_address) (${spanRate('socket_failure_retry_safe="false"')})`,
          '{{server_address}} not safe',
        ),
      ),
    number({
      title: 'Failures a retry could save',
      description: `The share of failed requests for which socketFailureOf(error).retrySafe is true. ${SPANS_ONLY}`,
      unit: 'percentunit',
      none: 'no failure',
    })
      .span(4)
      .height(8)
      .decimals(0)
      .thresholds(from('text'))
      .mappings([notANumber('no failure')])
      .withTarget(now('A', `sum(${spanIncrease(SAFE)}) / sum(${spanIncrease(JUDGED)})`)),
  ],
};

function rate(counter: string) {
  return `sum by (${queries.PEER}) (rate(${counter}[$__rate_interval]))`;
}

function spanRate(matcher: string) {
  return `rate(${queries.failedSpans(matcher)}[$__rate_interval])`;
}

function spanIncrease(matcher: string) {
  return `increase(${queries.failedSpans(matcher)}[$__range])`;
}
