import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { assemble, type Row } from './assemble';
import { spans } from './panels';
import { firstOrReused } from './rows/first-or-reused';
import { nearMisses } from './rows/near-misses';
import { retryAndChange } from './rows/retry-and-change';
import { whichHost } from './rows/which-host';
import { whoseTimeout } from './rows/whose-timeout';
import { found } from './targets';
import { failedSpans, nearMissSpans } from './traceql';
import { addresses } from './variables';

const DESCRIPTION =
  'Four questions, from top to bottom: which host resets, on first or only on reused connections, whose idle timeout is shorter, is it safe to retry and what to change. Then near misses and the traces.';

const traces: Row = {
  title: 'Traces of the failures',
  panels: [
    spans({
      title: 'Failed requests',
      description:
        'The newest spans of failed requests. The explanation says what happened, which numbers show it and what to change.',
      none: 'No failed request among the traces of this time.',
    })
      .span(24)
      .withTarget(found(failedSpans)),
    spans({
      title: 'Near misses',
      description: 'The newest requests that succeeded on a connection that the peer was about to close.',
      none: 'No near miss among the traces of this time.',
    })
      .span(24)
      .withTarget(found(nearMissSpans)),
  ],
};

/** The first dashboard: from "something resets" to the change to make. */
export function resets(): Dashboard {
  const rows = [whichHost, firstOrReused, whoseTimeout, retryAndChange, nearMisses, traces];
  const about = { uid: 'socket-resets', title: 'Which host resets', description: DESCRIPTION };
  return assemble({ ...about, rows, variables: addresses() });
}
