import { randomUUID } from 'node:crypto';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { NodeSDK, resources } from '@opentelemetry/sdk-node';
import { SocketInstrumentation } from 'opentelemetry-instrumentation-socket';

/**
 * The set-up, imported before anything else. The standard environment variables configure the rest: OTEL_SERVICE_NAME,
 * OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_METRICS_EXPORTER=otlp, OTEL_METRIC_EXPORT_INTERVAL,
 * OTEL_SEMCONV_STABILITY_OPT_IN=http.
 */
const sdk = new NodeSDK({
  resource: resources.resourceFromAttributes({ 'service.instance.id': randomUUID() }),
  instrumentations: [
    new HttpInstrumentation({ ignoreIncomingRequestHook: ({ url }) => url === '/healthz' || url === '/truth' }),
    new UndiciInstrumentation(),
    new SocketInstrumentation(),
  ],
});
sdk.start();

/** Sends the remaining telemetry. */
export function endTelemetry(): Promise<void> {
  return sdk.shutdown().catch((error: Error) => console.error(`telemetry: ${error.message}`));
}
