import type { Row } from '../assemble';
import { lines } from '../panels';
import * as queries from '../queries';
import { over } from '../targets';

const LEGEND = `{{job}} → ${queries.PEER_LEGEND}`;

export const nearMisses: Row = {
  title: 'Near misses: what fails next',
  panels: [
    lines({
      title: 'Near misses',
      description:
        'Requests that succeeded on a connection idle for almost the peer’s idle timeout: a little later they would have failed. The advised idle timeout in the client is what ends them.',
      unit: 'reqps',
    }).withTarget(over('A', `sum by (${queries.PEER}) (rate(${queries.nearMisses}[$__rate_interval]))`, LEGEND)),
    lines({
      title: 'Share of reuses that were near misses',
      description: 'The share of all requests on reused connections to that peer. Not drawn while nothing is reused.',
      unit: 'percentunit',
      none: 'no reuse in this time',
    }).withTarget(over('A', queries.ofReuses(queries.PEER, queries.nearMisses), LEGEND)),
  ],
};
