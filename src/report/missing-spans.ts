import { context, type Span, SpanKind, trace } from '@opentelemetry/api';
import { SUPPRESSED } from '../connection/span-handle';

/** After this many client requests, the lack of CLIENT spans is not a coincidence. */
const REQUESTS = 20;

const MESSAGE =
  `none of the first ${REQUESTS} client requests had a CLIENT span, so none could be annotated. This package makes no ` +
  'spans: register @opentelemetry/instrumentation-http before http is loaded (for ES modules, with ' +
  "OpenTelemetry's loader hook), and @opentelemetry/instrumentation-undici for fetch and undici; start an SDK; and let " +
  'no other tool make these spans in their place';

/**
 * Detects that nothing creates CLIENT spans: there is no HTTP instrumentation, it was loaded too late, or another tool
 * creates spans that are never active. Warns once, after 20 client requests, and never after a span was found.
 */
export class MissingSpans {
  readonly #say: (message: string) => void;
  /** How many more requests without a span lead to the warning; 0 once a span was found or the warning was logged. */
  #left = REQUESTS;

  constructor(say: (message: string) => void) {
    this.#say = say;
  }

  /**
   * A request's span was looked up, in the context in which the request was made. `found` is the span or `SUPPRESSED`.
   * `mayHaveOne`: whether there may be a span that is useless here because it is not sampled.
   */
  noteLookup(found: unknown, mayHaveOne: () => boolean): void {
    if (this.#left === 0 || found === SUPPRESSED) return;
    if (found !== undefined || mayHaveOne()) {
      this.#left = 0;
      return;
    }
    this.#left -= 1;
    if (this.#left === 0) this.#say(MESSAGE);
  }
}

/** The active span is a CLIENT span, or its kind is unknown: the API hides the kind of spans that are not sampled. */
export function isClientSpanActive(): boolean {
  const span: (Span & { readonly kind?: unknown }) | undefined = trace.getSpan(context.active());
  return span !== undefined && (span.kind === undefined || span.kind === SpanKind.CLIENT);
}
