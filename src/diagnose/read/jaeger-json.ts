import { type Attributes, addAttribute } from './attributes';
import { httpSpan, libraryOf, type Sender, senderOf } from './http-span';
import { fieldsOf, listOf, numberOf, textOf } from './json-fields';
import type { SpanSink } from './otlp';

/** Reads the elements of `data` in an answer of Jaeger's `/api/traces`, which is also what its page downloads. */
export function readJaegerTraces(data: readonly unknown[], sink: SpanSink): void {
  for (const each of data) {
    const trace = fieldsOf(each);
    const processes = new Map<unknown, Omit<Sender, 'library'>>();
    for (const [id, value] of Object.entries(fieldsOf(trace?.processes) ?? {})) processes.set(id, processOf(value));
    for (const span of listOf(trace?.spans)) readSpan(span, processes, sink);
  }
}

function processOf(value: unknown): Omit<Sender, 'library'> {
  const process = fieldsOf(value);
  const attributes = attributesOf(process?.tags);
  addAttribute(attributes, 'service.name', process?.serviceName);
  return senderOf(attributes);
}

const UNKNOWN_PROCESS = senderOf({});

function readSpan(value: unknown, processes: ReadonlyMap<unknown, Omit<Sender, 'library'>>, sink: SpanSink): void {
  const span = fieldsOf(value);
  const process = processes.get(span?.processID) ?? UNKNOWN_PROCESS;
  const startUs = numberOf(span?.startTime) ?? Number.NaN;
  const endUs = startUs + (numberOf(span?.duration) ?? Number.NaN);
  const tags = listOf(span?.tags);
  const library = libraryOf(textOf(tagOf(tags, 'otel.scope.name') ?? tagOf(tags, 'otel.library.name')));
  const kind = tagOf(tags, 'span.kind');
  const read = httpSpan(
    kind === 'client' || kind === 'server' ? kind : undefined,
    { ...process, library },
    startUs / 1_000,
    endUs / 1_000,
    attributesOf(tags),
  );
  if (read === undefined) sink.other();
  else sink.http(read);
}

function tagOf(tags: readonly unknown[], key: string): unknown {
  return fieldsOf(tags.find((tag) => fieldsOf(tag)?.key === key))?.value;
}

function attributesOf(tags: unknown): Attributes {
  const attributes: Attributes = {};
  for (const each of listOf(tags)) {
    const tag = fieldsOf(each);
    addAttribute(attributes, tag?.key, tag?.value);
  }
  return attributes;
}
