import { context, type Span, SpanKind, trace } from '@opentelemetry/api';
import { SUPPRESSED } from '../connection/exchange';

/** So many client requests without a CLIENT span are no accident. */
const REQUESTS = 20;

const MESSAGE =
  `none of the first ${REQUESTS} client requests had a CLIENT span, so none could be annotated. This package makes no ` +
  'spans: register @opentelemetry/instrumentation-http before http is loaded (in a program of ES modules with ' +
  "OpenTelemetry's loader hook), and @opentelemetry/instrumentation-undici for fetch and undici; start an SDK; and let " +
  'no other tool make these spans in their place';

/**
 * Notices that nobody makes CLIENT spans: no HTTP instrumentation, one that came too late, or another tool whose spans
 * are never active. Says so once, after 20 client requests, and is silent for ever once a span was seen.
 */
export class MissingSpans {
  readonly #say: (message: string) => void;
  /** How many more requests it takes; 0 when nothing is left to find out. */
  #left = REQUESTS;

  constructor(say: (message: string) => void) {
    this.#say = say;
  }

  /**
   * A request was asked for its span, in the context in which it was made. `found` is the span or `SUPPRESSED`;
   * `mayHaveOne`: it may have one that is of no use to us, because it is not sampled.
   */
  asked(found: unknown, mayHaveOne: () => boolean): void {
    if (this.#left === 0 || found === SUPPRESSED) return;
    if (found !== undefined || mayHaveOne()) {
      this.#left = 0;
      return;
    }
    this.#left -= 1;
    if (this.#left === 0) this.#say(MESSAGE);
  }
}

/** The active span is a CLIENT span, or one that does not tell its kind: the API hides it from spans not sampled. */
export function isClientSpanActive(): boolean {
  const span: (Span & { readonly kind?: unknown }) | undefined = trace.getSpan(context.active());
  return span !== undefined && (span.kind === undefined || span.kind === SpanKind.CLIENT);
}
