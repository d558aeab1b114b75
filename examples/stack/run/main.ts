import { parseArgs } from 'node:util';
import { type RunningStack, type StackUrls, startStack } from './stack';

/*
 * `npm run stack`: the Collector, Jaeger, Prometheus, Alertmanager and the shop on this machine, without docker, until
 * Ctrl-C. `npm run stack -- --fixed` has the shop follow the advice.
 */

function openThis(urls: StackUrls, isFixed: boolean): string {
  const browser = (url: string) => url.replace('127.0.0.1', 'localhost');
  const graph = (query: string) => {
    return `${browser(urls.prometheus)}/graph?g0.tab=0&g0.range_input=5m&g0.expr=${encodeURIComponent(query)}`;
  };
  const search = `service=orders&lookback=1h&tags=${encodeURIComponent('{"socket.failure.cause":"stale_keepalive"}')}`;
  const rows = [
    [
      'Which peer fails, and why',
      graph('sum by (job, server_address, socket_failure_cause) (socket_failures_total) > 0'),
    ],
    ['How long connections idle', graph('sum by (le, server_address) (increase(socket_idle_seconds_bucket[1m]))')],
    ['Alerts that fire', `${browser(urls.prometheus)}/alerts`],
    ['What wakes people', browser(urls.alertmanager)],
    ['Spans of stale connections', `${browser(urls.jaeger)}/api/traces?${search}`],
    ['What to do about them', `${browser(urls.pager)}/runbooks/stale_keepalive`],
  ] as const;
  const width = Math.max(...rows.map(([what]) => what.length));
  return [
    '',
    `Open this${isFixed ? ' (the shop follows the advice)' : ''}:`,
    ...rows.map(([what, url]) => `  ${what.padEnd(width)}  ${url}`),
    '',
    'The Jaeger that can be built here has an API but no pages, and Grafana and Tempo are not to be had: docker compose',
    'has all three (examples/stack/README.md). Pages fire within the first minutes and are printed below.',
    'Ctrl-C stops everything.',
    '',
  ].join('\n');
}

let stack: RunningStack | undefined;
let isStopping = false;

async function end(code: number): Promise<never> {
  // Whatever has been started ends with this process, whether it is waited for or not.
  if (stack === undefined || isStopping) process.exit(code);
  isStopping = true;
  console.log('\nstopping everything …');
  await stack.stop();
  process.exit(code);
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { fixed: { type: 'boolean', default: false } } });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end(0));
  const fail = (error: Error) => {
    console.error(error.message);
    process.exit(1);
  };
  stack = await startStack({ fixed: values.fixed, onLine: console.log, onEnd: fail }).catch(fail);
  console.log(openThis(stack.urls, values.fixed));
}

void main();
