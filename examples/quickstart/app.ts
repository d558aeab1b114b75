import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace';
import { SocketInstrumentation } from 'opentelemetry-instrumentation-socket';
import { fileExporter } from '../file-exporter';
import { keepAdvice, sendToDemo, setup, spansToDemo } from './demo-channel';

// The client application. Its set-up is the usual one; this package is the third instrumentation.
const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } = process.env;
const exporters = [
  ...(endpoint ? [new OTLPTraceExporter()] : []),
  ...(setup.spansFile === undefined ? [] : [fileExporter(setup.spansFile)]),
];
const sdk = new NodeSDK({
  serviceName: `shop-${setup.mode}`,
  instrumentations: [
    new HttpInstrumentation(),
    new UndiciInstrumentation(),
    ...(setup.mode === 'without' ? [] : [new SocketInstrumentation({ failureHook: keepAdvice })]),
  ],
  spanProcessors: [spansToDemo, ...exporters.map((exporter) => new BatchSpanProcessor({ exporter }))],
});
sdk.start();

async function main(): Promise<void> {
  const { client } = await import('./client.js');
  const { scenarioOf } = await import('./scenarios/all.js');
  for (const id of setup.scenarios) {
    await scenarioOf(id).play(client);
    sendToDemo({ played: id });
  }
  await sdk.shutdown().catch((error: Error) => sendToDemo({ problem: `no spans could be sent: ${error.message}` }));
  process.send?.({ done: true }, () => process.exit());
}

void main();
