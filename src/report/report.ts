import type { Connection } from '../connection/connection';
import type { Exchange } from '../connection/exchange';
import type { OutgoingRequest, Reporter, Taken } from '../reporter';
import type { ReportedFailure } from '../verdict/failure';
import type { MetricReporter } from './metrics';
import type { SpanReporter } from './span-reporter';

/** Passes what the observers see to the spans and to the metrics. */
export class CombinedReporter implements Reporter {
  readonly #spans: SpanReporter;
  readonly #metrics: MetricReporter;
  readonly watchSpans: Reporter['watchSpans'];
  readonly noticedSpan: Reporter['noticedSpan'];
  readonly portOf: Reporter['portOf'];
  readonly serverSpan: Reporter['serverSpan'];
  readonly bindEmitter: NonNullable<Reporter['bindEmitter']>;

  constructor(spans: SpanReporter, metrics: MetricReporter) {
    this.#spans = spans;
    this.#metrics = metrics;
    this.watchSpans = spans.watchSpans.bind(spans);
    this.noticedSpan = spans.noticedSpan.bind(spans);
    this.portOf = spans.portOf.bind(spans);
    this.serverSpan = spans.serverSpan.bind(spans);
    this.bindEmitter = spans.bindEmitter.bind(spans);
  }

  clientSpan(request: OutgoingRequest, taken: Taken): unknown {
    return this.#spans.clientSpan(request, taken);
  }

  succeeded(exchange: Exchange): void {
    const peer = exchange.side === 'client' ? exchange.peerTimeout : undefined;
    this.#spans.succeeded(exchange, peer);
    try {
      this.#metrics.succeeded(exchange, peer);
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
