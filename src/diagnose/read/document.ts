import { readJaegerTraces } from './jaeger-json';
import { fieldsOf } from './json-fields';
import { readResourceSpans, type SpanSink } from './otlp';

/** What a JSON value turned out to be; `other` is telemetry that holds no spans. */
export type DocumentKind = 'spans' | 'other' | 'unknown';

/** A list may hold documents, and an answer may wrap one; hostile input may nest them without end. */
const DEEPEST = 4;

/**
 * Reads a value of JSON, whoever wrote it: OTLP, an answer of Tempo or of either API of Jaeger, or a list of these.
 */
export function readDocument(value: unknown, sink: SpanSink, depth = 0): DocumentKind {
  if (depth > DEEPEST) return 'unknown';
  if (Array.isArray(value)) return readList(value, sink, depth);
  const fields = fieldsOf(value);
  if (fields === undefined) return 'unknown';
  const resourceSpans = fields.resourceSpans ?? fields.batches;
  if (Array.isArray(resourceSpans)) {
    readResourceSpans(resourceSpans, sink);
    return 'spans';
  }
  if (Array.isArray(fields.data)) {
    readJaegerTraces(fields.data, sink);
    return 'spans';
  }
  const inner = fields.result ?? fields.trace;
  if (inner !== undefined) return readDocument(inner, sink, depth + 1);
  return 'resourceMetrics' in fields || 'resourceLogs' in fields ? 'other' : 'unknown';
}

function readList(list: readonly unknown[], sink: SpanSink, depth: number): DocumentKind {
  const kinds = new Set(list.map((each) => readDocument(each, sink, depth + 1)));
  if (kinds.has('spans')) return 'spans';
  return kinds.has('other') ? 'other' : 'unknown';
}
