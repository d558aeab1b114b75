import {
  type Attributes,
  type Context,
  context,
  createContextKey,
  propagation,
  type Span,
  SpanKind,
  trace,
} from '@opentelemetry/api';
import { SUPPRESSED } from '../connection/exchange';
import type { OutgoingRequest, Taken } from '../reporter';

/** A span of the SDK, with what the API hides; every member may be missing in another implementation. */
export type ReadableSpan = Span & {
  readonly kind?: unknown;
  readonly attributes?: Attributes;
  readonly instrumentationScope?: { readonly name?: unknown };
};

const HTTP_SCOPE = '@opentelemetry/instrumentation-http';
const UNDICI_SCOPE = '@opentelemetry/instrumentation-undici';
// Keys of @opentelemetry/core: createContextKey is Symbol.for, which makes them readable without that package.
const SUPPRESS_TRACING = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');
const RPC_METADATA = createContextKey('OpenTelemetry SDK Context Key RPC_METADATA');

function isSuppressed(active: Context): boolean {
  return active.getValue(SUPPRESS_TRACING) === true;
}

/**
 * The CLIENT span that was made for the request under construction: the active span, if it proves to be that. When a
 * configuration ignores the request, the active span is the program's own and must stay as it is.
 */
export function clientSpanOf(request: OutgoingRequest, taken: Taken): Span | typeof SUPPRESSED | undefined {
  const active = context.active();
  if (isSuppressed(active)) return SUPPRESSED;
  const span: ReadableSpan | undefined = trace.getSpan(active);
  if (span === undefined || !span.isRecording() || taken.has(span)) return undefined;
  if (!isClient(span)) return undefined;
  const injected = isInjected(span.spanContext().spanId, request);
  if (injected === false || (injected === undefined && !isMadeFor(span, request))) return undefined;
  return span;
}

/** Whether the trace headers name this span; undefined if the request carries none. */
function isInjected(spanId: string, request: OutgoingRequest): boolean | undefined {
  let carries = false;
  for (const field of propagation.fields()) {
    if (field === 'baggage' || field === 'tracestate') continue;
    const header = request.getHeader(field);
    if (header === undefined) continue;
    const text = String(header);
    // Some formats (Datadog, X-Cloud-Trace-Context) carry the id as a decimal number.
    if (text.includes(spanId) || text.includes(BigInt(`0x${spanId}`).toString())) return true;
    carries = true;
  }
  return carries ? false : undefined;
}

/** Without trace headers: instrumentation-http made the span, for this method and this host. */
function isMadeFor(span: ReadableSpan, request: OutgoingRequest): boolean {
  if (span.kind !== SpanKind.CLIENT || span.instrumentationScope?.name !== HTTP_SCOPE) return false;
  const method = span.attributes?.['http.request.method'];
  const host = span.attributes?.['server.address'];
  // The conventions' name for a method that they do not know.
  const isMethod = method === undefined || method === '_OTHER' || method === request.method;
  return isMethod && (host === undefined || host === request.host);
}

/**
 * The CLIENT span that was made while `announce` ran, put into a context, and never made active. Others put spans into
 * contexts there too: it must be the one whose id the request carries, or the undici instrumentation's.
 */
export function noticedSpanOf(
  request: OutgoingRequest,
  taken: Taken,
  announce: () => void,
): Span | typeof SUPPRESSED | undefined {
  const active = context.active();
  const noticed: ReadableSpan[] = [];
  const noticing = new NoticingContext(active, noticed);
  context.with(noticing, announce);
  // What a subscriber started lives on in this context.
  noticing.stop();
  if (isSuppressed(active)) return SUPPRESSED;
  const own = noticed.filter((span) => span.isRecording() && !taken.has(span) && isClient(span));
  return (
    own.find((one) => isInjected(one.spanContext().spanId, request)) ??
    own.find((one) => one.instrumentationScope?.name === UNDICI_SCOPE)
  );
}

function isClient({ kind }: ReadableSpan): boolean {
  return kind === undefined || kind === SpanKind.CLIENT;
}

/** A context that notes the spans that are put into contexts made from it, and is in all else the one it stands for. */
class NoticingContext implements Context {
  readonly #behind: Context;
  #noticed: ReadableSpan[] | undefined;

  constructor(behind: Context, noticed: ReadableSpan[]) {
    this.#behind = behind instanceof NoticingContext ? behind.#settled : behind;
    this.#noticed = noticed;
  }

  stop(): void {
    this.#noticed = undefined;
  }

  /** Itself while it notes spans, then what it stands for: requests that lead to requests must not build a chain. */
  get #settled(): Context {
    if (this.#noticed !== undefined) return this;
    return this.#behind instanceof NoticingContext ? this.#behind.#settled : this.#behind;
  }

  getValue(key: symbol): unknown {
    return this.#behind.getValue(key);
  }

  setValue(key: symbol, value: unknown): Context {
    const next = this.#behind.setValue(key, value);
    const span: ReadableSpan | undefined = trace.getSpan(next);
    if (span !== undefined && span === value) this.#noticed?.push(span);
    return next;
  }

  deleteValue(key: symbol): Context {
    return this.#behind.deleteValue(key);
  }
}

/** The SERVER span of the active context, as instrumentation-http leaves it there. */
export function serverSpanOf(): Span | undefined {
  const active = context.active();
  if (isSuppressed(active)) return undefined;
  const metadata = active.getValue(RPC_METADATA) as { readonly span?: ReadableSpan } | undefined;
  const span = metadata?.span ?? trace.getSpan(active);
  const { kind } = (span ?? {}) as ReadableSpan;
  return kind === undefined || kind === SpanKind.SERVER ? span : undefined;
}
