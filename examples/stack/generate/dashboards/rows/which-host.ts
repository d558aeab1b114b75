import type { Row } from '../assemble';
import { causeMapping } from '../causes';
import { columns, PEER_COLUMNS } from '../columns';
import { runbookOfCause, tracesOfFailures } from '../links';
import { colouredByCause, from, legendBeside, lines, notANumber, number, stacked, table } from '../panels';
import * as queries from '../queries';
import { now, over, rows } from '../targets';

export const whichHost: Row = {
  title: '1. Which host resets?',
  panels: [
    number({
      title: 'Failed requests',
      description:
        'Requests that failed on the way to a peer or back. A cancelled request is not a failure, and a 503 is an answer.',
      unit: 'short',
      none: 'no data',
    })
      .decimals(0)
      .thresholds(from('green', [1, 'orange']))
      .withTarget(now('A', queries.failedInAll())),
    number({
      title: 'Peers that failed',
      description: 'Hosts and ports with at least one failed request.',
      unit: 'short',
      none: 'no data',
    })
      .decimals(0)
      .thresholds(from('green', [1, 'orange']))
      .withTarget(now('A', `count(${queries.failed('server_address, server_port')} > 0) or vector(0)`)),
    number({
      title: 'Reuses lost to an idle timeout',
      description:
        'The share of all requests on reused connections that failed because the peer, or the path to it, had given up the idle connection. Most of them have one remedy: an idle timeout in the client below those of the peer and the path. The verdicts say how sure that is (socket.failure.confidence).',
      unit: 'percentunit',
      none: 'no reuse',
    })
      .decimals(2)
      .mappings([notANumber('no reuse')])
      .thresholds(from('green', [0.0001, 'orange'], [0.01, 'red']))
      .withTarget(now('A', queries.lostOfReusesInAll)),
    number({
      title: 'Failures that were on reused connections',
      description: 'Near 100 %: look at idle timeouts first. Near 0 %: the server, a limiter or the network.',
      unit: 'percentunit',
      none: 'no failure',
    })
      .decimals(0)
      .mappings([notANumber('no failure')])
      .thresholds(from('text'))
      .withTarget(now('A', queries.onReusedOfFailures)),
    failuresByPeerAndCause(),
    colouredByCause(
      stacked({
        title: 'Failures by cause',
        description: 'Each cause has the same colour in every panel.',
        unit: 'reqps',
      })
        .legend(legendBeside())
        .withTarget(over('A', `${queries.failing('socket_failure_cause')} > 0`, '{{socket_failure_cause}}')),
    ),
    lines({
      title: 'Share of reuses lost to an idle timeout, by peer',
      description:
        'The share of the requests on reused connections to that peer that failed as stale_keepalive or idle_expired. Not drawn while nothing is reused.',
      unit: 'percentunit',
      none: 'no reuse in this time',
    }).withTarget(over('A', queries.lostOfReuses(queries.PEER), `{{job}} → ${queries.PEER_LEGEND}`)),
  ],
};

/** One row for each service, peer and cause; the cause leads to its runbook, the number to the traces. */
function failuresByPeerAndCause() {
  const causes = [
    { id: 'mappings', value: [causeMapping()] },
    { id: 'custom.cellOptions', value: { type: 'color-text' } },
    { id: 'links', value: runbookOfCause() },
  ];
  return columns(
    table({
      title: 'Failures by peer and cause',
      description:
        'Which peer resets, and why. Click a number for the traces that it counts, in Tempo or Jaeger; click a cause for its runbook. The cause is the most likely one; the traces say how certain it is.',
      unit: 'short',
      none: 'No request failed in this time.',
    }),
    { ...PEER_COLUMNS, socket_failure_cause: 'Cause', Value: 'Failures' },
    'Failures',
  )
    .withTarget(rows('A', `${queries.failed(`${queries.PEER}, socket_failure_cause`)} > 0`))
    .decimals(0)
    .overrideByName('Cause', causes)
    .overrideByName('Failures', [{ id: 'links', value: tracesOfFailures() }]);
}
