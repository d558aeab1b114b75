import { context, metrics, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { AlwaysOffSampler, AlwaysOnSampler, BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { startPart } from './parts';
import type { ChildOptions } from './scenario';

/** Never collects by itself: what a request costs, not what an export costs. */
class SilentReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

/** Starts what the configuration names, as a service would: spans go through a batch processor and are dropped. */
export function startSdk({ configuration, unsampled, metrics: hasMetrics }: ChildOptions): void {
  const [name = 'bare'] = configuration.split('#');
  if (name === 'bare') return;
  const exporter = {
    export: (_: unknown, done: (result: { code: number }) => void) => done({ code: 0 }),
    shutdown: async () => undefined,
    forceFlush: async () => undefined,
  };
  const sampler = unsampled === true ? new AlwaysOffSampler() : new AlwaysOnSampler();
  trace.setGlobalTracerProvider(
    new TracerProvider({ spanProcessors: [new BatchSpanProcessor({ exporter })], sampler }),
  );
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  if (hasMetrics === true) metrics.setGlobalMeterProvider(new MeterProvider({ readers: [new SilentReader()] }));
  registerInstrumentations({ instrumentations: [new HttpInstrumentation(), new UndiciInstrumentation()] });
  // instrumentation-http patches what is required after it.
  require('node:http');
  require('node:https');
  if (name !== 'peers') startPart(name);
}
