import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { assemble, type Row } from './assemble';
import { spans } from './panels';
import { firstOrReused } from './rows/first-or-reused';
import { howToRead } from './rows/how-to-read';
import { nearMisses, retry } from './rows/next-and-retry';
import { whichHost } from './rows/which-host';
import { whoseTimeout } from './rows/whose-timeout';
import { found } from './targets';
import { failedSpans, nearMissSpans } from './traceql';
import { addresses } from './variables';

const DESCRIPTION =
  'Three questions, top-down: which host resets, on first or only on reused connections, whose idle limit is shorter. Then what fails next, what a retry saves, and the traces.';

const traces: Row = {
  title: '6. Traces of the failures',
  panels: [
    spans({
      title: 'Failed requests',
      description:
        'The newest spans of failed requests. The explanation says what happened, the numbers that show it and what to change.',
      none: 'No failed request among the traces of this time.',
    })
      .span(24)
      .withTarget(found(failedSpans)),
    spans({
      title: 'Near misses',
      description: 'The newest requests that went well on a connection that the peer was about to close.',
      none: 'No near miss among the traces of this time.',
    })
      .span(24)
      .withTarget(found(nearMissSpans)),
  ],
};

/** The first dashboard: from "something resets" to the change to make. */
export function resets(): Dashboard {
  const rows = [whichHost, firstOrReused, whoseTimeout, nearMisses, retry, traces, howToRead];
  const about = { uid: 'socket-resets', title: 'Which host resets', description: DESCRIPTION };
  return assemble({ ...about, rows, variables: addresses() });
}
