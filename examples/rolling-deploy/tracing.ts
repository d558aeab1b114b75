import fs from 'node:fs';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { BatchSpanProcessor, type ReadableSpan, type SpanExporter } from '@opentelemetry/sdk-trace';
import { SocketInstrumentation } from 'opentelemetry-instrumentation-socket';

let sdk: NodeSDK | undefined;

/** The usual set-up, with spans that go to a file as OTLP, one JSON document a line: what `diagnose` reads. */
export function startTracing(file: string): void {
  const exporter: SpanExporter = {
    export(spans: ReadableSpan[], done) {
      const bytes = JsonTraceSerializer.serializeRequest(spans);
      if (bytes !== undefined) fs.appendFileSync(file, `${Buffer.from(bytes).toString()}\n`);
      done({ code: 0 });
    },
    shutdown: () => Promise.resolve(),
  };
  sdk = new NodeSDK({
    serviceName: 'clients',
    instrumentations: [
      new HttpInstrumentation({ ignoreOutgoingRequestHook: ({ path }) => path === '/ready' }),
      new SocketInstrumentation(),
    ],
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
  sdk.start();
}

export async function stopTracing(): Promise<void> {
  await sdk?.shutdown();
}
