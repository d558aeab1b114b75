import assert from 'node:assert/strict';
import type { RunningStack } from '../../../examples/stack/run/stack';
import { FAILURE_CAUSES } from '../../../src/verdict/failure';
import type { Check } from '../check';
import { query } from '../prometheus/query';
import { fence, runbook } from './pages';

/**
 * Executes the PromQL of every runbook. The result may be empty only where the plain counters have no failure with this
 * cause.
 */
export function liveChecks({ urls }: RunningStack): Check[] {
  return FAILURE_CAUSES.map((cause) => ({
    name: `runbook ${cause}: the PromQL finds what was counted`,
    program: 'prometheus',
    async run() {
      const { length: series } = await query(urls.prometheus, fence(runbook(cause), 'promql'));
      const { length: counted } = await query(urls.prometheus, countsOf(cause));
      assert.ok(series > 0 || counted === 0, `empty, though ${counted} series count this cause`);
      if (series > 0) return series === 1 ? '1 series' : `${series} series`;
      return 'executed; nothing was counted';
    },
  }));
}

function countsOf(cause: string): string {
  const labels = `{socket_failure_cause="${cause}"}`;
  return `socket_failures_total${labels} > 0 or traces_span_metrics_calls_total${labels} > 0`;
}
