import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findAddresses } from '../../../examples/stack/run/addresses';
import { binaries, stackFolder } from '../../../examples/stack/run/paths';
import { launch } from '../../../examples/stack/run/process';

/** A trace of two spans: the caller's SERVER span, and below it the CLIENT span with these attributes. */
const TRACES = [
  { name: 'healthy', count: 40, kept: false, attributes: { 'socket.id': 1, 'socket.idle_ms': 700 } },
  { name: 'mismatch', count: 40, kept: false, attributes: { 'socket.id': 1, 'socket.timeout_mismatch': true } },
  { name: 'failed', count: 15, kept: true, attributes: { 'socket.id': 2, 'socket.failure.kind': 'closed' } },
  { name: 'unconnected', count: 15, kept: true, attributes: { 'socket.failure.kind': 'refused' } },
  { name: 'near miss', count: 10, kept: true, attributes: { 'socket.id': 3, 'socket.near_miss': true } },
] as const;

const PATIENCE_MS = 20_000;

/**
 * A Collector with both files that keeps no share of the rest: a backend gets exactly the traces that must be kept,
 * each of them whole, and the metrics count all of them.
 */
export async function tailSampling(): Promise<string> {
  const addresses = await findAddresses(false);
  const got = new Map<string, number>();
  const backend = http.createServer(async (request, response) => {
    let body = '';
    for await (const part of request.setEncoding('utf8')) body += part;
    for (const { name } of spansIn(JSON.parse(body))) got.set(name, (got.get(name) ?? 0) + 1);
    response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}');
  });
  await once(backend.listen(0, '127.0.0.1'), 'listening');
  const sink = `http://127.0.0.1:${(backend.address() as AddressInfo).port}`;
  const file = (name: string) => `--config=${path.join(stackFolder, 'collector', name)}`;
  const readable = (exporter: string) => `--config=yaml:exporters::${exporter}::encoding: json`;
  const plain = (exporter: string) => `--config=yaml:exporters::${exporter}::compression: none`;
  const collector = await launch(
    {
      name: 'Collector',
      command: binaries.collector,
      args: [
        file('config.yaml'),
        file('tail-sampling.yaml'),
        ...['otlp_http/jaeger', 'otlp_http/tempo'].flatMap((exporter) => [readable(exporter), plain(exporter)]),
      ],
      env: {
        OTLP_LISTEN: addresses.at('collector:4318'),
        METRICS_LISTEN: addresses.at('collector:8889'),
        HEALTH_LISTEN: addresses.at('collector:health'),
        TELEMETRY_HOST: '127.0.0.1',
        TELEMETRY_PORT: String(addresses.port('collector:telemetry')),
        JAEGER_OTLP: sink,
        TEMPO_OTLP: sink,
        SPAN_METRICS_EVERY: '200ms',
        SAMPLING_WAIT: '1s',
        SAMPLING_PERCENTAGE: '0',
      },
      readyUrl: `${addresses.url('collector:health')}/`,
    },
    { onLine: () => undefined, onEnd: () => undefined },
  );
  try {
    await send(`${addresses.url('collector:4318')}/v1/traces`);
    return await compare(got, `${addresses.url('collector:8889')}/metrics`);
  } finally {
    await collector.stop();
    backend.closeAllConnections();
    backend.close();
  }
}

async function compare(got: ReadonlyMap<string, number>, metricsUrl: string): Promise<string> {
  const sum = (traces: readonly { count: number }[]) => traces.reduce((total, { count }) => total + count, 0);
  const end = performance.now() + PATIENCE_MS;
  // Two spans for each trace, to two backends.
  const complete = () => TRACES.every(({ name, count, kept }) => !kept || got.get(name) === 4 * count);
  const calls = async () => {
    const text = await (await fetch(metricsUrl)).text();
    return [...text.matchAll(/^traces_span_metrics_calls_total\{.*\} (\d+)$/gm)].reduce((n, [, c]) => n + Number(c), 0);
  };
  let counted = await calls();
  while (performance.now() < end && !(complete() && counted === sum(TRACES))) {
    await sleep(200);
    counted = await calls();
  }
  // Decisions are made once a second: a trace that was kept wrongly would have arrived by then.
  await sleep(2_000);
  for (const { name, count, kept } of TRACES) {
    const spans = got.get(name) ?? 0;
    if (spans !== (kept ? 4 * count : 0)) throw new Error(`${spans} spans of ${count} traces "${name}" arrived`);
  }
  if (counted !== sum(TRACES)) throw new Error(`the metrics count ${counted} calls, not ${sum(TRACES)}`);
  return `${sum(TRACES.filter(({ kept }) => kept))} of ${sum(TRACES)} traces kept, ${counted} calls counted`;
}

async function send(url: string): Promise<void> {
  const spans = TRACES.flatMap(({ name, count, attributes }) => {
    return Array.from({ length: count }, () => trace(name, Object.entries(attributes))).flat();
  });
  const resource = { attributes: [attribute('service.name', 'orders')] };
  const body = JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] });
  const response = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
  if (!response.ok) throw new Error(`the Collector answered ${response.status}: ${await response.text()}`);
}

function trace(name: string, attributes: readonly [string, string | number | boolean][]): object[] {
  const traceId = randomBytes(16).toString('hex');
  const parentSpanId = randomBytes(8).toString('hex');
  const endNs = BigInt(Date.now()) * 1_000_000n;
  const times = { startTimeUnixNano: String(endNs - 5_000_000n), endTimeUnixNano: String(endNs) };
  const own = { traceId, spanId: randomBytes(8).toString('hex'), parentSpanId, name, kind: 3, ...times };
  return [
    { traceId, spanId: parentSpanId, name, kind: 2, ...times },
    { ...own, attributes: attributes.map(([key, value]) => attribute(key, value)) },
  ];
}

function attribute(key: string, value: string | number | boolean): object {
  if (typeof value === 'number') return { key, value: { intValue: String(value) } };
  return { key, value: typeof value === 'string' ? { stringValue: value } : { boolValue: value } };
}

interface Exported {
  readonly resourceSpans?: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly { name: string }[] }[];
  }[];
}

function spansIn({ resourceSpans = [] }: Exported): readonly { readonly name: string }[] {
  return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
}
