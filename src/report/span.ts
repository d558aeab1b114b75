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
import type { Endpoints } from '../connection/endpoints';
import { field } from '../connection/field';
import { SUPPRESSED, UNSAMPLED } from '../connection/span-handle';
import { ATTR_NETWORK_PEER_ADDRESS, ATTR_NETWORK_PEER_PORT } from '../conventions';
import type { OutgoingRequest, Taken } from '../reporter';
import { endWatch } from './noticed-spans';

/** A span of the SDK, with members that the API hides; in another implementation any of them may be missing. */
export type ReadableSpan = Span & {
  readonly kind?: unknown;
  readonly attributes?: Attributes;
  readonly instrumentationScope?: { readonly name?: unknown };
};

// Each use of an export of the API is a call of a getter.
const { CLIENT } = SpanKind;
const contextApi = context;
const traceApi = trace;

const HTTP_SCOPE = '@opentelemetry/instrumentation-http';
const UNDICI_SCOPE = '@opentelemetry/instrumentation-undici';
// Keys of @opentelemetry/core: createContextKey is Symbol.for, so that they can be read without that package.
const SUPPRESS_TRACING = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');
const RPC_METADATA = createContextKey('OpenTelemetry SDK Context Key RPC_METADATA');

/**
 * The span that was found last for a request, and the last one that is not sampled. As long as they are there, V8 keeps the
 * shapes of all spans, which may then be read directly (see `field`).
 */
export const keptSpans: { found: Span | undefined; unsampled: Span | undefined } = {
  found: undefined,
  unsampled: undefined,
};

export function forgetSpans(): void {
  keptSpans.found = undefined;
  keptSpans.unsampled = undefined;
}

/**
 * The CLIENT span created for the request under construction: the active span, if instrumentation-http has just created
 * it for this method and host, or if the request's trace headers name it, even if another agent rewrote the span. When
 * a configuration ignores the request, the active span is the program's own and must stay unchanged.
 */
export function clientSpanOf(request: OutgoingRequest, taken: Taken): Span | typeof SUPPRESSED | undefined {
  const active = contextApi.active();
  if (isSuppressed(active)) return SUPPRESSED;
  const span: ReadableSpan | undefined = traceApi.getSpan(active);
  if (span === undefined) return undefined;
  const { kind } = span;
  // The span of a request that is not sampled has no kind.
  if (kind === undefined && !span.isRecording()) {
    keptSpans.unsampled = span;
    return undefined;
  }
  if ((kind !== undefined && kind !== CLIENT) || taken.has(span)) return undefined;
  const isMade = kind !== undefined && span.instrumentationScope?.name === HTTP_SCOPE && isFor(span, request);
  if (!isMade && !(span.isRecording() && isInjected(span.spanContext().spanId, request))) return undefined;
  keptSpans.found = span;
  return span;
}

/** Tracing is suppressed in this context. */
function isSuppressed(active: Context): boolean {
  return active.getValue(SUPPRESS_TRACING) === true;
}

/** Whether the trace headers of the request name this span. */
function isInjected(spanId: string, request: OutgoingRequest): boolean {
  for (const name of propagation.fields()) {
    if (name === 'baggage' || name === 'tracestate') continue;
    const header = request.getHeader(name);
    if (header === undefined) continue;
    const text = String(header);
    // Some formats (Datadog, X-Cloud-Trace-Context) carry the id as a decimal number.
    if (text.includes(spanId) || text.includes(BigInt(`0x${spanId}`).toString())) return true;
  }
  return false;
}

/** The span's attributes name the request's method and host. */
function isFor(span: ReadableSpan, request: OutgoingRequest): boolean {
  const { attributes } = span;
  if (attributes === undefined) return true;
  const method = field(attributes, 'http.request.method');
  const host = field(attributes, 'server.address');
  // `_OTHER` is what the conventions call an unknown method.
  const isMethod = method === undefined || method === '_OTHER' || method === field(request, 'method');
  return isMethod && (host === undefined || host === field(request, 'host'));
}

/**
 * The CLIENT span that was created while spans were watched, and never made active. Other spans may be created
 * meanwhile, so it must be the one whose id the request carries, or one of the undici instrumentation.
 */
export function noticedSpanOf(
  request: OutgoingRequest | undefined,
  taken: Taken,
): Span | typeof SUPPRESSED | undefined {
  return endWatch(choose, request, taken);
}

let isNoticed = false;

/** A CLIENT span was created during a watch, sampled or not. */
export function hasNoticedClientSpan(): boolean {
  return isNoticed;
}

function choose(
  spans: readonly (ReadableSpan | undefined)[],
  from: number,
  to: number,
  active: Context,
  request: OutgoingRequest | undefined,
  taken: Taken,
): Span | typeof SUPPRESSED | undefined {
  let theirs: ReadableSpan | undefined;
  for (let i = from; i < to && request !== undefined; i += 1) {
    const span = spans[i];
    if (span === undefined || !(span.kind === undefined || span.kind === CLIENT)) continue;
    isNoticed = true;
    if (!span.isRecording() || taken.has(span)) continue;
    const isUndicis = span.instrumentationScope?.name === UNDICI_SCOPE;
    const isCertain = (isUndicis && from + 1 === to) || isInjected(span.spanContext().spanId, request);
    if (isCertain) {
      theirs = span;
      break;
    }
    if (isUndicis) theirs ??= span;
  }
  return isSuppressed(active) ? SUPPRESSED : theirs;
}

/**
 * The SERVER span of the active context, where instrumentation-http puts it; with `peer`, only of its request. A
 * non-recording span does not name its request, and is assumed to belong to this peer.
 */
export function serverSpanOf(peer?: Endpoints): Span | typeof UNSAMPLED | undefined {
  const active = contextApi.active();
  if (isSuppressed(active)) return undefined;
  const metadata = active.getValue(RPC_METADATA) as { readonly span?: ReadableSpan } | undefined;
  const span = (metadata && field(metadata, 'span')) ?? (traceApi.getSpan(active) as ReadableSpan | undefined);
  if (span === undefined) return undefined;
  if (peer !== undefined && !isOf(peer, span))
    return metadata === undefined || span.isRecording() ? undefined : UNSAMPLED;
  const { kind } = span;
  if (kind !== undefined && kind !== SpanKind.SERVER) return undefined;
  keptSpans.found = span;
  return span;
}

function isOf({ peerAddress, peerPort }: Endpoints, span: ReadableSpan): boolean {
  const { attributes } = span;
  if (attributes === undefined || peerPort === undefined) return false;
  const isSame =
    field(attributes, ATTR_NETWORK_PEER_PORT) === peerPort &&
    field(attributes, ATTR_NETWORK_PEER_ADDRESS) === peerAddress;
  return isSame && span.isRecording();
}
