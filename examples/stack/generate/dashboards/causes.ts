import type { MappingType, ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard';
import type { FailureCause } from '../../../../src/verdict/failure';

/**
 * The colour of each cause, the same in every panel: red where an idle timeout must change, orange for the peer, purple
 * for limits of others, blue for connecting, grey for our own process.
 */
export const COLOUR_OF_CAUSE: Readonly<Record<FailureCause, string>> = {
  stale_keepalive: '#E02F44',
  idle_expired: '#FF7383',
  recycled: '#FFA6B0',
  peer_restart: '#FF780A',
  peer_aborted: '#FFB357',
  response_timeout: '#B877D9',
  request_incomplete: '#B5B58A',
  rejected: '#8F3BB8',
  not_listening: '#C4162A',
  unreachable: '#1F60C4',
  name_not_resolved: '#5794F2',
  tls_failed: '#0A7A7A',
  protocol_mismatch: '#56A64B',
  connect_timeout: '#8AB8FF',
  client_timeout: '#F2CC0C',
  client_cancelled: '#CCCCDC',
  pool_closed: '#A3A3B5',
  local_resource: '#7D6B5D',
  client_gone: '#D9D9D9',
  unknown: '#6E7079',
};

export const CAUSES = Object.keys(COLOUR_OF_CAUSE) as readonly FailureCause[];

/** Gives a cell that contains a cause the colour of that cause. */
export function causeMapping(): ValueMapping {
  const options = Object.fromEntries(CAUSES.map((cause, index) => [cause, { color: COLOUR_OF_CAUSE[cause], index }]));
  return { type: 'value' as MappingType.ValueToText, options };
}
