import type { Row } from '../assemble';
import { fixed, heat, lines, stacked } from '../panels';
import * as queries from '../queries';
import { buckets, over } from '../targets';
import { CHOSEN } from '../variables';

const LEGEND = `{{job}} → ${queries.PEER_LEGEND}`;
const IDLE_COUNT = `socket_idle_seconds_count{${CHOSEN}}`;
const COLOUR_OF_INITIATOR = { remote: '#E02F44', local: '#5794F2', unknown: '#6E7079' };
const IDLE_QUANTILES = [0.5, 0.9, 0.99] as const;

/** How much work a connection does, and how long it waits between two requests. */
export const use: Row = {
  title: 'Use',
  panels: [
    heat({
      title: 'Requests per connection',
      description:
        'Of the connections that were closed: how many requests each had carried. All in the lowest rows: connections are not reused. A lone bright row: the peer retires them at that number.',
      unit: 'none',
      cells: 'cps',
      counted: 'Connections',
      axis: 'requests up to',
    }).withTarget(buckets('A', queries.bucketsOf('socket_connection_requests'))),
    lines({
      title: 'Requests per connection, by peer',
      description: 'The mean over the connections that were closed. Not drawn while none is closed.',
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
          over('ABC'.charAt(index), queries.quantile(q, 'socket_idle_seconds'), `${LEGEND} ${q * 100} % below`),
        ),
      lines({
        title: 'Idle age at reuse, by peer',
        description:
          'How long connections had been idle when they were used again: half, 90 % and 99 % of them for less. Compare it with the limits on the other dashboard.',
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
        'From established to closed. A lone bright row: somebody closes them at that age, see who in the panel below.',
      unit: 's',
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
      'The healthy way: one end lets go of a connection that nobody uses. By the peer: its idle limit is the shorter one, and each is a chance for a request to be lost. By this process: the client’s is.',
    ),
    closes(
      'active',
      'A request was on it. By the peer: it was cut, or answered with Connection: close. By this process: a timeout, or a cancelled request.',
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
