import { context, metrics, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { SocketInstrumentation } from '../src/index';
import type { Client, Round, Variant } from './requests';

/**
 * One variant in a process of its own, as in life: patched prototypes would change what the others measure. Spans are
 * recorded and dropped, never exported.
 */
const variant = process.argv[2] as Variant;
const port = Number(process.argv[3]);
const client = process.argv[4] as Client;

if (variant !== 'plain') {
  const drop = {
    onStart: () => undefined,
    onEnd: () => undefined,
    shutdown: () => Promise.resolve(),
    forceFlush: () => Promise.resolve(),
  };
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [drop] }));
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  if (client === 'fetch') new UndiciInstrumentation();
  else new HttpInstrumentation();
}
if (variant === 'metrics') {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 });
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
}
if (variant !== 'plain' && variant !== 'instrumented') {
  new SocketInstrumentation({ detail: variant === 'full' ? 'full' : 'essential' });
}

// Loaded only now: instrumentation-http patches what is required after it.
const http: typeof import('node:http') = require('node:http');
// A limit below the server's announced one: no mismatch, so that `essential` is what a healthy span gets.
const agent = new http.Agent({ keepAlive: true, maxSockets: 1, timeout: 30_000 });

async function byFetch(): Promise<void> {
  await (await fetch(`http://127.0.0.1:${port}/items`)).text();
}

function byHttp(): Promise<void> {
  return new Promise((resolve, reject) => {
    http
      .get({ host: '127.0.0.1', port, path: '/items', agent }, (response) => {
        response.on('error', reject).on('end', resolve).resume();
      })
      .on('error', reject);
  });
}

const request = client === 'fetch' ? byFetch : byHttp;

async function round(requests: number): Promise<Round> {
  global.gc?.();
  const heap = process.memoryUsage().heapUsed;
  const cpu = process.cpuUsage();
  const start = process.hrtime.bigint();
  for (let i = 0; i < requests; i += 1) await request();
  const wallNs = Number(process.hrtime.bigint() - start);
  const { user, system } = process.cpuUsage(cpu);
  return {
    wallUs: wallNs / 1_000 / requests,
    cpuUs: (user + system) / requests,
    bytes: (process.memoryUsage().heapUsed - heap) / requests,
  };
}

process.on('message', async (requests: number) => process.send?.(await round(requests)));
process.on('disconnect', () => process.exit());
