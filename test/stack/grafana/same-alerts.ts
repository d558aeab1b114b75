import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { expanded } from '../../../examples/stack/generate/alerts/expand';
import { readRules, recordedIn, titleOf } from '../../../examples/stack/generate/alerts/grafana-alerts';
import { RULES } from '../../../examples/stack/generate/generate';
import type { Check } from '../check';
import { copies, originals, queriesOf } from './alerts';

const run = promisify(execFile);
/**
 * A day and two hours, with a sample a minute: rules look back a day, and an hour before that. Recorded once an hour.
 */
const MINUTES = 26 * 60;
const AT = `${MINUTES}m`;

/**
 * The expanded expressions return what Prometheus records. promtool evaluates both on a day in which everything
 * happens: neither has a series or a value that the other lacks, and none is empty.
 */
export function staticChecks(): Check[] {
  return [
    { name: "Grafana's alerts: the expanded queries equal the recording rules", program: 'promtool', run: sameValues },
    { name: "Grafana's alerts: each fires when Prometheus's does", program: 'promtool', run: sameAlerts },
  ];
}

async function sameValues(): Promise<string> {
  const recorded = recordedIn(readRules(RULES));
  const pairs = [];
  for (const [name, expr] of recorded) pairs.push([name, `(${await expanded(expr, recorded)})`] as const);
  await tested([...pairs.flatMap(equal), ...pairs.map(([, expr]) => some(expr))]);
  return `${pairs.length} recording rules`;
}

async function sameAlerts(): Promise<string> {
  const pairs = copies().map((copy) => {
    const original = originals().find((rule) => titleOf(rule) === copy.title);
    return [`(${original?.expr}\n)`, `(${queriesOf(copy).get('A')})`] as const;
  });
  await tested([...pairs.flatMap(equal), ...pairs.map(([, copy]) => some(copy))]);
  return `${pairs.length} alerts`;
}

interface Expectation {
  readonly expr: string;
  readonly eval_time: string;
  readonly exp_samples: readonly { readonly labels: string; readonly value: number }[];
}

const none = (expr: string): Expectation => ({ expr, eval_time: AT, exp_samples: [] });
const some = (expr: string): Expectation => ({
  expr: `count(${expr}) > bool 0`,
  eval_time: AT,
  exp_samples: [{ labels: '{}', value: 1 }],
});
const equal = ([a, b]: readonly [string, string]) => [
  none(`${a} unless ${b}`),
  none(`${b} unless ${a}`),
  none(`abs(${a} - ${b}) > 1e-9`),
];

async function tested(expectations: readonly Expectation[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'grafana-'));
  try {
    await copyFile(RULES, join(folder, 'rules.yml'));
    const test = { interval: '1m', input_series: [...days()], promql_expr_test: expectations };
    const order = readRules(RULES).groups.map(({ name }) => name);
    const file = { rule_files: ['rules.yml'], evaluation_interval: '1h', group_eval_order: order, tests: [test] };
    await writeFile(join(folder, 'test.yml'), stringify(file));
    await run('promtool', ['test', 'rules', join(folder, 'test.yml')], { maxBuffer: 1 << 24 });
  } catch (error) {
    throw new Error(String((error as { stderr?: string }).stderr ?? error).slice(0, 4_000));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Two instances, three peers and `_OTHER`; more of everything in the last two hours. */
function* days(): Iterable<{ series: string; values: string }> {
  const peers = [
    { address: 'orders', port: '8081', timeout: 5 },
    { address: 'payments', port: '8082', timeout: 60 },
    { address: 'inventory', port: '8083', timeout: 4 },
    { address: '_OTHER', port: '', timeout: 0 },
  ];
  let speed = 0;
  const counter = () => {
    speed = (speed % 7) + 1;
    return `0+${speed}x${MINUTES - 120} ${speed * (MINUTES - 119)}+${speed * 3}x120`;
  };
  for (const instance of ['a', 'b']) {
    for (const { address, port, timeout } of peers) {
      const of = `job="gateway",instance="${instance}",server_address="${address}"${port && `,server_port="${port}"`}`;
      const series = (metric: string, values: string, labels = '') => ({ series: `${metric}{${of}${labels}}`, values });
      for (const cause of ['stale_keepalive', 'not_listening', 'peer_restart', 'peer_aborted', 'idle_expired']) {
        const labels = `,socket_failure_kind="closed",socket_failure_cause="${cause}",socket_reused="${cause !== 'not_listening'}"`;
        yield series('socket_failures_total', counter(), labels);
      }
      yield series('socket_idle_seconds_count', counter(), ',socket_outcome="ok"');
      for (const le of ['1', '5', '+Inf'])
        yield series(
          'socket_idle_seconds_bucket',
          `0+${le === '1' ? 1 : 2}x${MINUTES}`,
          `,socket_outcome="failed",le="${le}"`,
        );
      // payments does not answer; the others no longer keep connections.
      const closes = address === 'payments' ? `0x${MINUTES}` : `0+1x${MINUTES - 120} ${MINUTES}+200x120`;
      yield series('socket_closes_total', closes, ',http_connection_state="idle",socket_close_initiator="remote"');
      yield series('socket_near_misses_total', counter());
      if (address === '_OTHER') continue;
      const isOpen = address === 'payments' ? 0 : 3;
      yield series('http_client_open_connections', `${isOpen}x${MINUTES}`, ',http_connection_state="active"');
      yield series('socket_client_timeout_seconds', `${instance === 'a' ? 0 : 4}x${MINUTES}`);
      yield series('socket_peer_timeout_seconds', `${timeout}x${MINUTES}`, ',socket_peer_timeout_source="observed"');
    }
  }
}
