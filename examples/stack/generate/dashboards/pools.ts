import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { assemble, type Row } from './assemble';
import { fixed, lines, spans, stacked } from './panels';
import * as queries from './queries';
import { life, use } from './rows/pool-life';
import { computed, found, over } from './targets';
import { queuedSpans, queueTimes, slowestConnects } from './traceql';
import { CHOSEN, TEMPO } from './variables';

const DESCRIPTION =
  'The connections of the clients: how many, how often used, how old, who closes them, who waits for one.';
const OPEN = `http_client_open_connections{${CHOSEN}}`;
const FROM_SPANS = 'From spans, in Tempo';

const open: Row = {
  title: 'Open connections',
  panels: [
    stacked({
      title: 'Open connections by state',
      description:
        'Active connections carry a request, idle ones wait in a pool. If all are active and requests wait (last row), the pool is too small.',
      unit: 'short',
    })
      .decimals(0)
      .withTarget(over('A', `sum by (http_connection_state) (${OPEN})`, '{{http_connection_state}}'))
      .overrideByName('active', [fixed('#FF780A')])
      .overrideByName('idle', [fixed('#73BF69')]),
    lines({
      title: 'Open connections by peer',
      description:
        'Active and idle connections together. A line that only rises: responses that are never read to their end.',
      unit: 'short',
    })
      .decimals(0)
      .withTarget(over('A', `sum by (${queries.PEER}) (${OPEN})`, `{{job}} → ${queries.PEER_LEGEND}`)),
  ],
};

const waiting: Row = {
  title: 'Waiting for a connection',
  panels: [
    lines({
      title: 'Time in the queue, by peer',
      description: `How long requests waited because maxSockets connections were in use: the median and the 99th percentile. Requests that waited for less than 2 ms, or not at all, are not counted. ${FROM_SPANS}, whose quantiles are only as exact as powers of two.`,
      unit: 'ms',
      none: 'No request waited for a connection.',
    })
      .datasource(TEMPO)
      .withTarget(computed(queueTimes)),
    lines({
      title: 'Slowest connect, by peer',
      description: `The longest time to connect, without TLS, of connections that were not reused. ${FROM_SPANS}.`,
      unit: 'ms',
      none: 'No new connection among the traces of this time.',
    })
      .datasource(TEMPO)
      .withTarget(computed(slowestConnects)),
    spans({
      title: 'Requests that waited',
      description: 'The newest requests that had to wait for a connection.',
      none: 'No request waited for a connection.',
    }).withTarget(found(queuedSpans)),
  ],
};

/** The second dashboard: connection pools. */
export function pools(): Dashboard {
  const about = { uid: 'socket-pools', title: 'Connection pools', description: DESCRIPTION };
  return assemble({ ...about, rows: [open, use, life, waiting] });
}
