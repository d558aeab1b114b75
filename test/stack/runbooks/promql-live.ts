import assert from 'node:assert/strict';
import type { RunningStack } from '../../../examples/stack/run/stack';
import type { Check } from '../check';
import { causes, query, runbook } from './pages';

/**
 * The PromQL of every runbook is executed. It may only be empty where nothing of the cause was counted, according to the plain
 * counters.
 */
export function liveChecks({ urls }: RunningStack): Check[] {
  return causes().map((cause) => ({
    name: `runbook ${cause}: PromQL`,
    program: 'prometheus',
    async run() {
      const series = await seriesOf(urls.prometheus, query(runbook(cause), 'promql'));
      const counted = await seriesOf(urls.prometheus, countsOf(cause));
      assert.ok(series > 0 || counted === 0, `empty, though ${counted} series count this cause`);
      if (series > 0) return series === 1 ? '1 series' : `${series} series`;
      return 'executed; nothing had this cause';
    },
  }));
}

function countsOf(cause: string): string {
  const labels = `{socket_failure_cause="${cause}"}`;
  return `socket_failures_total${labels} > 0 or traces_span_metrics_calls_total${labels} > 0`;
}

async function seriesOf(prometheus: string, promql: string): Promise<number> {
  const response = await fetch(`${prometheus}/api/v1/query?query=${encodeURIComponent(promql)}`);
  const { status, error, data } = (await response.json()) as {
    status: string;
    error?: string;
    data?: { result: unknown[] };
  };
  assert.equal(status, 'success', error);
  return data?.result.length ?? 0;
}
