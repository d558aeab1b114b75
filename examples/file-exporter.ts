import fs from 'node:fs';
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';

/** Writes spans as OTLP, one JSON document a line, as the Collector's file exporter does: what `diagnose` reads. */
export function fileExporter(file: string): SpanExporter {
  return {
    export(spans: ReadableSpan[], done) {
      const bytes = JsonTraceSerializer.serializeRequest(spans);
      if (bytes !== undefined) fs.appendFileSync(file, `${Buffer.from(bytes).toString()}\n`);
      done({ code: 0 });
    },
    shutdown: () => Promise.resolve(),
  };
}
