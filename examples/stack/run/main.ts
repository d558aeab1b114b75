import { parseArgs } from 'node:util';
import { whatToOpen } from './open';
import { type RunningStack, type StackUrls, startStack } from './stack';

/*
 * `npm run stack`: the Collector, Jaeger, Prometheus, Alertmanager and the shop on this machine, without docker, until
 * Ctrl-C. `npm run stack -- --fixed` has the shop follow the advice.
 */

function openThis(urls: StackUrls, isFixed: boolean): string {
  const rows = whatToOpen(urls);
  const width = Math.max(...rows.map(([what]) => what.length));
  return [
    '',
    `Open this${isFixed ? ' (the shop follows the advice)' : ''}:`,
    ...rows.map(([what, url]) => `  ${what.padEnd(width)}  ${url}`),
    '',
    isFixed ? 'No request is lost to idle timeouts any longer.' : 'Alerts fire within a minute and are printed below.',
    'The Jaeger that is built here has the API and no pages, and there is no Grafana and no Tempo: docker compose has all',
    'three (examples/stack/README.md).',
    `Your own service can send its telemetry too: OTEL_EXPORTER_OTLP_ENDPOINT=${urls.collector}`,
    'Ctrl-C stops everything.',
    '',
  ].join('\n');
}

let stack: RunningStack | undefined;
let isStopping = false;

async function end(code: number): Promise<never> {
  // Every started program ends with this process, whether this waits for it or not.
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
