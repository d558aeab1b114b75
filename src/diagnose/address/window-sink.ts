import type { HttpSpan } from '../read/http-span';
import type { SpanSink } from '../read/otlp';
import { printable } from '../read/text';

/**
 * Passes on the spans of one service that start inside one window. A trace holds spans of many services and is found by
 * each of them, and in each window that it touches: so every span counts once.
 */
export class WindowSink implements SpanSink {
  readonly #sink: SpanSink;
  readonly #service: string;
  readonly #fromMs: number;
  readonly #toMs: number;

  constructor(sink: SpanSink, service: string, fromMs: number, toMs: number) {
    this.#sink = sink;
    this.#service = printable(service);
    this.#fromMs = fromMs;
    this.#toMs = toMs;
  }

  http(span: HttpSpan): void {
    const isInside = span.startMs >= this.#fromMs && span.startMs < this.#toMs;
    if (span.serviceName === this.#service && isInside) this.#sink.http(span);
  }

  /** Other spans do not show which service sent them. */
  other(): void {}
}
