import { parseArgs } from 'node:util';
import { whatToOpen } from './open';
import { type Moved, type RunningStack, type StackUrls, startStack } from './stack';

/*
 * `npm run stack`: the Collector, Jaeger, Prometheus, Alertmanager and the shop on this machine, without docker, until
 * Ctrl-C. `npm run stack -- --fixed` has the shop follow the advice.
 */

/** Says first which links in documents lead elsewhere. */
function otherPorts(moved: readonly Moved[]): string {
  const rows = moved.map(({ documented, port }) => `  ${documented} is taken: here ${port}`);
  return ['Other ports than the documented ones, because those are taken:', ...rows].join('\n');
}

function openThis(urls: StackUrls, isFixed: boolean): string {
  const rows = whatToOpen(urls);
  const width = Math.max(...rows.map(([what]) => what.length));
  return [
    '',
    `Open this${isFixed ? ' (the shop follows the advice)' : ''}:`,
    ...rows.map(([what, url]) => `  ${what.padEnd(width)}  ${url}`),
    '',
    isFixed ? 'No request is lost to idle timeouts any longer.' : 'Alerts fire within a minute and are printed below.',
    'The Jaeger that is built here has no pages: links to traces lead to its API, as JSON. There is no Grafana and no Tempo.',
    'docker compose has all three (examples/stack/README.md).',
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
  stack = await startStack({ fixed: values.fixed, documentedPorts: true, onLine: console.log, onEnd: fail }).catch(
    fail,
  );
  if (stack.moved.length > 0) console.log(`\n${otherPorts(stack.moved)}`);
  console.log(openThis(stack.urls, values.fixed));
}

void main();
