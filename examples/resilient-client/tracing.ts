import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { NodeSDK } from '@opentelemetry/sdk-node';
import type { SpanProcessor } from '@opentelemetry/sdk-trace';
import { SocketInstrumentation } from 'opentelemetry-instrumentation-socket';

/** The usual set-up. It has to come before the first import of a client library. */
export function startTracing(processor: SpanProcessor): void {
  const instrumentations = [new HttpInstrumentation(), new UndiciInstrumentation(), new SocketInstrumentation()];
  new NodeSDK({ instrumentations, spanProcessors: [processor] }).start();
}
