import { type Attributes, SpanKind } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace';
import { SocketInstrumentation } from 'opentelemetry-instrumentation-socket';

/** Failures that the quickstart's demo does not make, under the name of its service. Sends the paths of the calls. */

const ended: string[] = [];
let onEnded: () => void = () => undefined;
const watch = {
  onStart: () => undefined,
  onEnd({ kind, attributes }: { kind: SpanKind; attributes: Attributes }) {
    const { 'url.full': full, 'url.path': path } = attributes;
    ended.push(kind === SpanKind.SERVER ? String(path) : new URL(String(full)).pathname);
    onEnded();
  },
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};

const sdk = new NodeSDK({
  serviceName: 'shop-with',
  instrumentations: [new HttpInstrumentation(), new SocketInstrumentation()],
  spanProcessors: [watch, new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
});
sdk.start();

async function main(): Promise<void> {
  const { clientGone, truncated } = await import('./extra-calls.js');
  await truncated();
  await clientGone();
  while (ended.length < 2) {
    await new Promise<void>((resolve) => {
      onEnded = resolve;
    });
  }
  await sdk.shutdown();
  process.send?.(ended, () => process.exit());
}

void main();
