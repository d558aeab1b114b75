import { type Attributes, addAttribute } from './attributes';
import { type HttpSpan, httpSpan, libraryOf, type Origin, originOf } from './http-span';
import { fieldsOf, listOf, numberOf, textOf } from './unknown';

/** Receives the spans of a source. */
export interface SpanSink {
  http(span: HttpSpan): void;
  /** A span of anything else. */
  other(): void;
}

/** Reads the elements of `resourceSpans` of OTLP in JSON; `batches` of Tempo are the same. */
export function readResourceSpans(resourceSpans: readonly unknown[], sink: SpanSink): void {
  for (const each of resourceSpans) {
    const element = fieldsOf(each);
    const origin = originOf(attributesOf(fieldsOf(element?.resource)?.attributes));
    // The second name is that of OTLP before 0.16.
    for (const scoped of listOf(element?.scopeSpans ?? element?.instrumentationLibrarySpans)) {
      const group = fieldsOf(scoped);
      const scope = fieldsOf(group?.scope ?? group?.instrumentationLibrary);
      const library = libraryOf(textOf(scope?.name));
      for (const span of listOf(group?.spans)) readSpan(span, { ...origin, library }, sink);
    }
  }
}

function readSpan(value: unknown, origin: Origin, sink: SpanSink): void {
  const span = fieldsOf(value);
  const kind = KINDS.get(span?.kind);
  const read =
    kind &&
    httpSpan(
      kind,
      origin,
      milliseconds(span?.startTimeUnixNano),
      milliseconds(span?.endTimeUnixNano),
      attributesOf(span?.attributes),
    );
  if (read === undefined) sink.other();
  else sink.http(read);
}

/** By number, as OTLP has it, or by name, as other writers of protocol buffers do. */
const KINDS: ReadonlyMap<unknown, 'client' | 'server'> = new Map<unknown, 'client' | 'server'>([
  [2, 'server'],
  ['SPAN_KIND_SERVER', 'server'],
  [3, 'client'],
  ['SPAN_KIND_CLIENT', 'client'],
]);

function milliseconds(nanoseconds: unknown): number {
  const number = numberOf(nanoseconds);
  return number === undefined || number <= 0 ? Number.NaN : number / 1e6;
}

function attributesOf(list: unknown): Attributes {
  const attributes: Attributes = {};
  for (const each of listOf(list)) {
    const pair = fieldsOf(each);
    const value = fieldsOf(pair?.value);
    if (value === undefined) continue;
    const { stringValue, intValue, boolValue, doubleValue } = value;
    addAttribute(attributes, pair?.key, stringValue ?? intValue ?? boolValue ?? doubleValue);
  }
  return attributes;
}
