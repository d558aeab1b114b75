import { type Attributes, addAttribute } from './attributes';
import { type HttpSpan, httpSpan, libraryOf, type Sender, senderOf } from './http-span';
import { fieldsOf, listOf, numberOf, textOf } from './json-fields';

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
    const sender = senderOf(attributesOf(fieldsOf(element?.resource)?.attributes));
    // The second name is that of OTLP before 0.16.
    for (const scoped of listOf(element?.scopeSpans ?? element?.instrumentationLibrarySpans)) {
      const group = fieldsOf(scoped);
      const scope = fieldsOf(group?.scope ?? group?.instrumentationLibrary);
      const library = libraryOf(textOf(scope?.name));
      for (const span of listOf(group?.spans)) readSpan(span, { ...sender, library }, sink);
    }
  }
}

function readSpan(value: unknown, sender: Sender, sink: SpanSink): void {
  const span = fieldsOf(value);
  const kind = KINDS.get(span?.kind);
  const [startMs, endMs] = kind ? timesOf(span?.startTimeUnixNano, span?.endTimeUnixNano) : NEVER;
  const read = kind && httpSpan(kind, sender, startMs, endMs, attributesOf(span?.attributes));
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

const NEVER = [Number.NaN, Number.NaN] as const;

/**
 * Start and end in ms, from ns. Both the start and the duration lose what is below a microsecond, as in Jaeger, so that
 * the same spans give the same findings from either.
 */
function timesOf(start: unknown, end: unknown): readonly [startMs: number, endMs: number] {
  const [startUs, startNs] = microseconds(start);
  const [endUs, endNs] = microseconds(end);
  return [startUs / 1_000, (endNs < startNs ? endUs - 1 : endUs) / 1_000];
}

/** Whole microseconds, and the nanoseconds beyond them. A string has more digits than a number can have. */
function microseconds(nanoseconds: unknown): readonly [us: number, ns: number] {
  if (typeof nanoseconds === 'string' && WHOLE.test(nanoseconds))
    return [Number(nanoseconds.slice(0, -3)), Number(nanoseconds.slice(-3))];
  const number = numberOf(nanoseconds);
  return number === undefined || number <= 0 ? NEVER : [Math.floor(number / 1_000), 0];
}

const WHOLE = /^[1-9]\d{3,}$/;

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
