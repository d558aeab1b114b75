import type { Connection } from '../connection/connection';
import type { Endpoints } from '../connection/endpoints';
import type { Exchange } from '../connection/exchange';
import type { OutgoingRequest, Reporter, Taken } from '../reporter';
import type { ReportedFailure } from '../verdict/failure';
import type { MetricReporter } from './metrics';
import type { SpanReporter } from './span-reporter';

/** Passes what the observers see to the spans and to the metrics. */
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

  watchSpans(): void {
    this.#spans.watchSpans();
  }

  noticedSpan(request: OutgoingRequest | undefined, taken: Taken): unknown {
    return this.#spans.noticedSpan(request, taken);
  }

  portOf(span: unknown): number | undefined {
    return this.#spans.portOf(span);
  }

  serverSpan(peer?: Endpoints): unknown {
    return this.#spans.serverSpan(peer);
  }

  succeeded(exchange: Exchange): void {
    this.#spans.succeeded(exchange);
    try {
      this.#metrics.succeeded(exchange);
    } catch (error) {
      this.fault(error);
    }
  }

  failed(exchange: Exchange, failure: ReportedFailure): void {
    this.#spans.failed(exchange, failure);
    try {
      this.#metrics.failed(exchange, failure);
    } catch (error) {
      this.fault(error);
    }
  }

  opened(connection: Connection): boolean {
    try {
      return this.#metrics.opened(connection);
    } catch (error) {
      this.fault(error);
      return false;
    }
  }

  closed(connection: Connection, wasIdle: boolean): void {
    try {
      this.#metrics.closed(connection, wasIdle);
    } catch (error) {
      this.fault(error);
    }
  }

  warn(text: string): void {
    this.#spans.warn(text);
  }

  fault(error: unknown): void {
    this.#spans.fault(error);
  }
}
