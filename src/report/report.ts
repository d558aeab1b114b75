import type { Connection } from '../connection/connection';
import type { Exchange } from '../connection/exchange';
import type { OutgoingRequest, Reporter, Taken } from '../reporter';
import type { ReportedFailure } from '../verdict/failure';
import type { MetricReporter } from './metrics';
import type { SpanReporter } from './span-reporter';

/** What the observers see goes to the spans and to the metrics. */
export class Report implements Reporter {
  readonly #spans: SpanReporter;
  readonly #metrics: MetricReporter;

  constructor(spans: SpanReporter, metrics: MetricReporter) {
    this.#spans = spans;
    this.#metrics = metrics;
  }

  clientSpan(request: OutgoingRequest, taken: Taken): unknown {
    return this.#spans.clientSpan(request, taken);
  }

  noticedSpan(request: OutgoingRequest, taken: Taken, announce: () => void): unknown {
    return this.#spans.noticedSpan(request, taken, announce);
  }

  serverSpan(): unknown {
    return this.#spans.serverSpan();
  }

  succeeded(exchange: Exchange): void {
    this.#spans.succeeded(exchange);
    this.#metrics.succeeded(exchange);
  }

  /** A program's failure hook may throw: it is counted all the same. */
  failed(exchange: Exchange, failure: ReportedFailure): void {
    try {
      this.#spans.failed(exchange, failure);
    } finally {
      this.#metrics.failed(exchange, failure);
    }
  }

  opened(connection: Connection): boolean {
    return this.#metrics.opened(connection);
  }

  closed(connection: Connection, wasIdle: boolean): void {
    this.#metrics.closed(connection, wasIdle);
  }

  warn(text: string): void {
    this.#spans.warn(text);
  }

  fault(error: unknown): void {
    this.#spans.fault(error);
  }
}
