import { ScaleDistribution, ScaleDistributionConfigBuilder } from '@grafana/grafana-foundation-sdk/common';
import { MappingType } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Row } from '../assemble';
import { columns, PEER_COLUMNS } from '../columns';
import { tracesOfMismatches } from '../links';
import { fixed, heat, legendBeside, lines, SECONDS, table } from '../panels';
import * as queries from '../queries';
import { buckets, over, rows } from '../targets';

const PEER_TIMEOUT_COLOUR = '#E02F44';
const CLIENT_TIMEOUT_COLOUR = '#3274D9';
const LEGEND = '{{job}} → {{server_address}}';
const UNKNOWN = { id: 'noValue', value: 'unknown' };
const ADVICE =
  'A client that keeps idle connections as long as the peer or longer can lose requests. Set the advised idle timeout in the client, or raise the peer’s above the client’s.';

export const whoseTimeout: Row = {
  title: '3. Whose idle timeout is shorter?',
  panels: [
    heat({
      title: 'Idle age at reuse',
      description:
        'How long connections had been idle when they were used again. Grafana cannot draw lines into a heatmap: the panel beside it shows the idle timeouts for the same times.',
      unit: SECONDS,
      cells: 'reqps',
      counted: 'Reuses',
      axis: 'idle for up to',
    })
      .height(10)
      .withTarget(buckets('A', queries.bucketsOf('socket_idle_seconds'))),
    idleAgainstTimeouts(),
    timeouts(),
  ],
};

function idleAgainstTimeouts() {
  const dashed = (colour: string) => [
    fixed(colour),
    { id: 'custom.lineStyle', value: { fill: 'dash', dash: [10, 10] } },
    { id: 'custom.lineWidth', value: 2 },
    { id: 'custom.fillOpacity', value: 0 },
  ];
  const points = [fixed('#FF780A'), { id: 'custom.showPoints', value: 'always' }, { id: 'custom.pointSize', value: 7 }];
  const idle = (q: number, outcome: string) =>
    queries.quantile(q, 'socket_idle_seconds', `socket_outcome="${outcome}"`);
  return lines({
    title: 'Idle age at reuse, and both idle timeouts',
    description:
      'Red dashes: the peer’s idle timeout. Blue dashes: the client’s, drawn at 1 hour if there is none. The red line must be above the blue one. Points: reuses that failed. Choose a single peer at the top if there are too many lines.',
    unit: SECONDS,
    none: 'no reuse in this time',
  })
    .legend(legendBeside())
    .height(10)
    .min(0.1)
    .fillOpacity(0)
    .scaleDistribution(new ScaleDistributionConfigBuilder().type(ScaleDistribution.Log).log(10))
    .withTarget(over('A', idle(0.5, 'ok'), `${LEGEND} p50`))
    .withTarget(over('B', idle(0.99, 'ok'), `${LEGEND} p99`))
    .withTarget(over('C', idle(0.5, 'failed'), `${LEGEND} failed, p50`))
    .withTarget(over('D', queries.peerTimeout, `${LEGEND} peer’s timeout`))
    .withTarget(over('E', queries.clientTimeoutDrawn, `${LEGEND} {{shown}}`))
    .overrideByQuery('C', points)
    .overrideByQuery('D', dashed(PEER_TIMEOUT_COLOUR))
    .overrideByQuery('E', dashed(CLIENT_TIMEOUT_COLOUR));
}

function timeouts() {
  const verdicts = {
    0: { text: 'shorter than the peer’s', color: 'green', index: 0 },
    1: { text: 'mismatch: lower the client’s', color: 'red', index: 1 },
  };
  return columns(
    table({
      title: 'Idle timeouts of client and peer',
      description: ADVICE,
      unit: 's',
      none: 'No peer’s idle timeout is known: none announces one, and none was seen to close idle connections often enough.',
    }),
    {
      ...PEER_COLUMNS,
      'Value #A': 'Client’s idle timeout',
      'Value #B': 'Peer’s idle timeout',
      socket_peer_timeout_source: 'Source',
      'Value #C': 'Advised idle timeout',
      'Value #D': 'Verdict',
    },
    'Verdict',
  )
    .height(6)
    .decimals(1)
    .withTarget(rows('A', queries.clientTimeout))
    .withTarget(rows('B', queries.peerTimeoutBySource))
    .withTarget(rows('C', queries.advisedTimeout))
    .withTarget(rows('D', queries.mismatch))
    .overrideByRegexp('/idle timeout$/', [UNKNOWN])
    .overrideByName('Client’s idle timeout', [
      { id: 'mappings', value: [{ type: MappingType.ValueToText, options: { 0: { text: 'none', index: 0 } } }] },
    ])
    .overrideByName('Verdict', [
      UNKNOWN,
      { id: 'unit', value: 'none' },
      { id: 'mappings', value: [{ type: MappingType.ValueToText, options: verdicts }] },
      { id: 'custom.cellOptions', value: { type: 'color-text' } },
      { id: 'links', value: tracesOfMismatches() },
    ]);
}
