import type { Row } from '../assemble';
import { columns, PEER_COLUMNS } from '../columns';
import { fixed, stacked, table } from '../panels';
import * as queries from '../queries';
import { over, rows } from '../targets';

const REUSED = '#E02F44';
const FRESH = '#5794F2';
const BOTH = '#6E7079';

export const firstOrReused: Row = {
  title: '2. On the first request of a connection, or only on reused ones?',
  panels: [
    stacked({
      title: 'Failures on fresh and on reused connections',
      description:
        'Only on reused connections: idle timeouts, or a peer that retires connections. On fresh ones too: the server, a limiter or a deployment. Other kinds: the few that share a series for all connections.',
      unit: 'reqps',
    })
      .withTarget(over('A', queries.failing('socket_reused', queries.ON_REUSED), 'reused'))
      .withTarget(over('B', queries.failing('socket_reused', queries.ON_FRESH), 'first request'))
      .withTarget(over('C', queries.failing('socket_reused', 'socket_reused=""'), 'other kinds'))
      .overrideByName('reused', [fixed(REUSED)])
      .overrideByName('first request', [fixed(FRESH)])
      .overrideByName('other kinds', [fixed(BOTH)]),
    columns(
      table({
        title: 'Failures of each peer, by use of the connection',
        description:
          'Failures in one column only show where to look: on reused connections, question 3; on first requests, the table above and the runbook of the cause.',
        unit: 'short',
        none: 'No peer is known yet.',
      }),
      { ...PEER_COLUMNS, 'Value #A': 'On reused connections', 'Value #B': 'On first requests' },
      'On reused connections',
    )
      .span(12)
      .decimals(0)
      .withTarget(rows('A', queries.failed(queries.PEER, queries.ON_REUSED)))
      .withTarget(rows('B', queries.failed(queries.PEER, queries.ON_FRESH)))
      .overrideByName('On reused connections', counted(REUSED))
      .overrideByName('On first requests', counted(FRESH)),
  ],
};

/** Shows 0 in the colour of text, and more in `colour`. */
function counted(colour: string) {
  const steps = [
    { value: null, color: 'text' },
    { value: 1, color: colour },
  ];
  return [
    { id: 'custom.cellOptions', value: { type: 'color-text' } },
    { id: 'color', value: { mode: 'thresholds' } },
    { id: 'thresholds', value: { mode: 'absolute', steps } },
  ];
}
