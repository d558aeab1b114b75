import { type Attributes, metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  type Histogram,
  MeterProvider,
  MetricReader,
  type ViewOptions,
} from '@opentelemetry/sdk-metrics';

/** One series, as an SDK would export it. The value of a histogram is what it holds. */
export interface Series {
  readonly name: string;
  readonly unit: string;
  readonly attributes: Attributes;
  readonly value: number;
  readonly count: number;
  readonly sum: number;
  readonly edges: readonly number[];
}

/** Exports when asked. */
export class TestReader extends MetricReader {
  constructor(temporality = AggregationTemporality.CUMULATIVE) {
    super({ aggregationTemporalitySelector: () => temporality });
  }

  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }

  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }

  /** All series of this package. */
  async all(): Promise<Series[]> {
    const { resourceMetrics, errors } = await this.collect();
    if (errors.length > 0) throw errors[0];
    const scopes = resourceMetrics.scopeMetrics.filter(
      ({ scope }) => scope.name === 'opentelemetry-instrumentation-socket',
    );
    if (scopes.length > 1) throw new Error('two scopes');
    return scopes
      .flatMap((scope) => scope.metrics)
      .flatMap(({ descriptor: { name, unit }, dataPoints }) =>
        dataPoints.map(({ attributes, value }) => {
          const held = typeof value === 'number' ? undefined : (value as Partial<Histogram>);
          const [count, sum] = [held?.count ?? 0, held?.sum ?? 0];
          const edges = held?.buckets?.boundaries ?? [];
          return { name, unit, attributes, value: typeof value === 'number' ? value : Number.NaN, count, sum, edges };
        }),
      );
  }

  /** The series of one port, or with `undefined` those without a port. */
  async series(port: number | undefined): Promise<Series[]> {
    return (await this.all()).filter(({ attributes }) => attributes['server.port'] === port);
  }
}

/** A real SDK for metrics that is not global yet. */
export class TestMeter {
  readonly #reader = new TestReader();
  readonly provider: MeterProvider;

  constructor({ views = [], readers = [] }: { views?: ViewOptions[]; readers?: TestReader[] } = {}) {
    this.provider = new MeterProvider({ readers: [this.#reader, ...readers], views });
  }

  setGlobal(): void {
    metrics.disable();
    metrics.setGlobalMeterProvider(this.provider);
  }

  all(): Promise<Series[]> {
    return this.#reader.all();
  }

  series(port: number | undefined): Promise<Series[]> {
    return this.#reader.series(port);
  }
}

/** The sum of the values of a metric over all series that have these attributes; of a histogram's, the counts. */
export function total(series: readonly Series[], name: string, attributes: Attributes = {}): number {
  return series
    .filter((one) => one.name === name && Object.entries(attributes).every(([k, v]) => one.attributes[k] === v))
    .reduce((sum, { value, count }) => sum + (Number.isNaN(value) ? count : value), 0);
}
