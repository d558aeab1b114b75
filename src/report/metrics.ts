import { type BatchObservableResult, type MeterProvider, metrics } from '@opentelemetry/api';
import type { Connection } from '../connection/connection';
import type { Exchange } from '../connection/exchange';
import type { Reporter } from '../connection/reporter';
import type { Tallies, Tally } from '../connection/tally';
import { PACKAGE_NAME, PACKAGE_VERSION } from '../version';
import { createInstruments, type Instruments, observablesOf } from './metric-instruments';
import { observeTally, seriesOf } from './metric-series';

/** What the metrics are made of. The process has one of each, whoever reports: counts go on when another takes over. */
export interface Counted {
  readonly tallies: Tallies;
  /** The connections that were `opened` and not yet `closed`. */
  readonly open: ReadonlySet<Connection>;
}

/**
 * Counts what the observers see of client connections. All but the histograms is counted in tables of our own and read
 * when the SDK collects: a request costs one `record()`, if it reused a connection, and nothing else.
 *
 * The API has no proxy for meters: instruments that were made before the SDK set its MeterProvider would be dead for
 * ever. Hence they are made when something first happens, and again when there is another MeterProvider.
 */
export class MetricReporter implements Pick<Reporter, 'opened' | 'closed' | 'succeeded' | 'failed'> {
  readonly #counted: Counted;
  readonly #maxOrigins: () => number;
  readonly #fault: (error: unknown) => void;
  /** The one that the instrumentation was given; undefined: the global one. */
  #given: MeterProvider | undefined;
  #provider: MeterProvider | undefined;
  #instruments: Instruments | undefined;
  #isObserving = false;

  constructor(counted: Counted, maxOrigins: () => number, fault: (error: unknown) => void) {
    this.#counted = counted;
    this.#maxOrigins = maxOrigins;
    this.#fault = fault;
  }

  /** A no-op one means that there is none yet: `registerInstrumentations` hands that over if it runs before the SDK. */
  setMeterProvider(provider: MeterProvider): void {
    const isGlobal = provider === metrics.getMeterProvider() || provider.constructor.name === 'NoopMeterProvider';
    this.#given = isGlobal ? undefined : provider;
    if (this.#isObserving) this.#ready();
  }

  /** Stops being asked by the SDK; the next event starts it again. */
  stop(): void {
    if (!this.#isObserving || this.#instruments === undefined) return;
    this.#isObserving = false;
    this.#meter()?.removeBatchObservableCallback(this.#observe, observablesOf(this.#instruments));
  }

  opened({ origin }: Connection): void {
    this.#ready();
    if (origin !== undefined) this.#tally(origin);
  }

  succeeded(exchange: Exchange): void {
    const { side, origin, idleMs } = exchange;
    if (side !== 'client' || origin === undefined || idleMs === undefined) return;
    const instruments = this.#ready();
    const tally = this.#tally(origin);
    instruments.idle.record(idleMs / 1_000, seriesOf(tally).ok);
    const limit = origin.peerTimeout();
    if (limit !== undefined && exchange.isNearMiss(limit.ms)) tally.nearMisses += 1;
  }

  /** Whoever cancels a request has no failure; a response that is cut was an `ok` reuse before. */
  failed({ side, origin, failure, reused = false, idleMs, answered }: Exchange): void {
    if (side !== 'client' || origin === undefined || failure === undefined || failure.kind === 'local_abort') return;
    const instruments = this.#ready();
    const tally = this.#tally(origin);
    tally.failed(failure, reused);
    if (idleMs !== undefined && !answered) instruments.idle.record(idleMs / 1_000, seriesOf(tally).failed);
  }

  /** A connection whose beginning was not seen has neither an age nor a number of requests that could be told. */
  closed(connection: Connection, wasIdle: boolean): void {
    const { origin, closing, uses } = connection;
    if (origin === undefined) return;
    const instruments = this.#ready();
    const tally = this.#tally(origin);
    tally.closed(connection, wasIdle);
    const ageMs = closing === undefined ? undefined : connection.ageMs(closing.atMs);
    if (uses === undefined || ageMs === undefined) return;
    const { server } = seriesOf(tally);
    instruments.duration.record(ageMs / 1_000, server);
    instruments.requests.record(uses, server);
  }

  #tally(origin: NonNullable<Connection['origin']>): Tally {
    return this.#counted.tallies.of(origin, this.#maxOrigins());
  }

  #ready(): Instruments {
    const provider = this.#given ?? metrics.getMeterProvider();
    if (this.#instruments === undefined || provider !== this.#provider) {
      this.stop();
      this.#provider = provider;
      this.#instruments = createInstruments(provider.getMeter(PACKAGE_NAME, PACKAGE_VERSION));
    }
    if (!this.#isObserving) {
      this.#isObserving = true;
      this.#meter()?.addBatchObservableCallback(this.#observe, observablesOf(this.#instruments));
    }
    return this.#instruments;
  }

  #meter() {
    return this.#provider?.getMeter(PACKAGE_NAME, PACKAGE_VERSION);
  }

  readonly #observe = (result: BatchObservableResult): void => {
    const instruments = this.#instruments;
    if (instruments === undefined) return;
    try {
      const { tallies, open } = this.#counted;
      for (const tally of tallies.measure(open, this.#maxOrigins())) observeTally(result, instruments, tally);
    } catch (error) {
      this.#fault(error);
    }
  };
}
