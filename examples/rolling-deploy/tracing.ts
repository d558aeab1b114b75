import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace';
import { SocketInstrumentation } from 'opentelemetry-instrumentation-socket';
import { fileExporter } from '../file-exporter';

let sdk: NodeSDK | undefined;

/** The usual set-up, with spans that go to a file as OTLP, one JSON document a line: what `diagnose` reads. */
export function startTracing(file: string): void {
  sdk = new NodeSDK({
    serviceName: 'clients',
    instrumentations: [
      new HttpInstrumentation({ ignoreOutgoingRequestHook: ({ path }) => path === '/ready' }),
      new SocketInstrumentation(),
    ],
    spanProcessors: [new BatchSpanProcessor({ exporter: fileExporter(file) })],
  });
  sdk.start();
}

export async function stopTracing(): Promise<void> {
  await sdk?.shutdown();
}
