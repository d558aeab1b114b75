import type { Row } from '../assemble';
import { fixed, heat, lines, SECONDS, stacked } from '../panels';
import * as queries from '../queries';
import { buckets, over } from '../targets';
import { CHOSEN } from '../variables';

const LEGEND = `{{job}} → ${queries.PEER_LEGEND}`;
const IDLE_COUNT = `socket_idle_seconds_count{${CHOSEN}}`;
const COLOUR_OF_INITIATOR = { remote: '#E02F44', local: '#5794F2', unknown: '#6E7079' };
const PERCENTILE = { 0.5: 'p50', 0.9: 'p90', 0.99: 'p99' } as const;
const IDLE_QUANTILES = [0.5, 0.9, 0.99] as const;

/** How many requests a connection carries, and how long it is idle between them. */
export const use: Row = {
  title: 'Use',
  panels: [
    heat({
      title: 'Requests per connection',
      description:
        'How many requests each closed connection had carried. All in the lowest rows: connections are not reused. A single bright row: the peer retires connections after that number.',
      unit: 'none',
      cells: 'cps',
      counted: 'Connections',
      axis: 'requests up to',
    }).withTarget(buckets('A', queries.bucketsOf('socket_connection_requests'))),
    lines({
      title: 'Requests per connection, by peer',
      description: 'The mean over the closed connections. Not drawn while none is closed.',
      unit: 'short',
      none: 'No connection was closed in this time.',
    })
      .decimals(1)
      .withTarget(over('A', queries.mean('socket_connection_requests'), LEGEND)),
    lines({
      title: 'Reuses, by peer',
      description: 'Requests on connections that had been used before.',
      unit: 'reqps',
    }).withTarget(over('A', `sum by (${queries.PEER}) (rate(${IDLE_COUNT}[$__rate_interval]))`, LEGEND)),
    IDLE_QUANTILES.reduce(
      (panel, q, index) =>
        panel.withTarget(
          over('ABC'.charAt(index), queries.quantile(q, 'socket_idle_seconds'), `${LEGEND} ${PERCENTILE[q]}`),
        ),
      lines({
        title: 'Idle age at reuse, by peer',
        description:
          'How long connections had been idle when they were used again: p50 is the median, p90 and p99 the 90th and the 99th percentile. Compare it with the idle timeouts on the other dashboard.',
        unit: 's',
        none: 'no reuse in this time',
      }).fillOpacity(0),
    ),
  ],
};

export const life: Row = {
  title: 'Age and end',
  panels: [
    heat({
      title: 'Age of connections when closed',
      description:
        'From established to closed. A single bright row: one end closes connections at that age; the panels below show which.',
      unit: SECONDS,
      cells: 'cps',
      counted: 'Connections',
      axis: 'open for up to',
    }).withTarget(buckets('A', queries.bucketsOf('http_client_connection_duration_seconds'))),
    lines({
      title: 'Age of connections when closed, by peer',
      description: 'The mean. Not drawn while none is closed.',
      unit: 's',
      none: 'No connection was closed in this time.',
    }).withTarget(over('A', queries.mean('http_client_connection_duration_seconds'), LEGEND)),
    closes(
      'idle',
      'The healthy way: one end closes a connection that is not in use. By the peer: its idle timeout is the shorter one, and each such closing may cost a request. By this process: the client’s is the shorter one.',
    ),
    closes(
      'active',
      'A request was in flight. By the peer: it was cut, or answered with Connection: close. By this process: a timeout or a cancelled request.',
    ),
  ],
};

function closes(state: 'idle' | 'active', description: string) {
  const expression = `sum by (socket_close_initiator) (rate(socket_closes_total{${CHOSEN},http_connection_state="${state}"}[$__rate_interval]))`;
  const panel = stacked({ title: `Connections closed while ${state}, by whom`, description, unit: 'cps' });
  for (const [initiator, colour] of Object.entries(COLOUR_OF_INITIATOR))
    panel.overrideByName(initiator, [fixed(colour)]);
  return panel.withTarget(over('A', expression, '{{socket_close_initiator}}'));
}
