import { type BatchObservableResult, type Meter, type MeterProvider, metrics } from '@opentelemetry/api';
import type { Connection } from '../connection/connection';
import type { Exchange } from '../connection/exchange';
import type { PeerTimeout } from '../peer/peer-timeout';
import type { Reporter } from '../reporter';
import type { SocketFailure } from '../verdict/failure';
import { PACKAGE_NAME, PACKAGE_VERSION } from '../version';
import { createInstruments, type Instruments } from './metric-instruments';
import { observeTally, seriesOf } from './metric-series';
import type { Tallies, Tally } from './tally';

/**
 * What the metrics are made from. There is one of each per process, so that counts continue when another reporter takes
 * over.
 */
export interface Counted {
  readonly tallies: Tallies;
  /** The connections that were `opened` and not yet `closed`. */
  readonly open: ReadonlySet<Connection>;
}

/**
 * Counts what the observers see of client connections. Everything but the histograms is counted in our own tables and
 * read when the SDK collects: a request that reused a connection costs one `record()`, any other nothing. The API has
 * no proxy for meters: instruments created before the SDK sets its MeterProvider would never work. Hence they are
 * created at the first event, and again when the MeterProvider changes.
 */
export class MetricReporter implements Pick<Reporter, 'opened' | 'closed' | 'succeeded' | 'failed'> {
  readonly #counted: Counted;
  readonly #maxOrigins: () => number;
  readonly #fault: (error: unknown) => void;
  /** The MeterProvider that the instrumentation was given; undefined: the global one. */
  #given: MeterProvider | undefined;
  #provider: MeterProvider | undefined;
  #meter: Meter | undefined;
  #instruments: Instruments | undefined;
  #isObserving = false;

  constructor(counted: Counted, maxOrigins: () => number, fault: (error: unknown) => void) {
    this.#counted = counted;
    this.#maxOrigins = maxOrigins;
    this.#fault = fault;
  }

  setMeterProvider(provider: MeterProvider): void {
    this.#given = provider === metrics.getMeterProvider() ? undefined : provider;
    if (this.#isObserving) this.#ready();
  }

  /** Removes the SDK's callback; the next event adds it again. */
  stop(): void {
    if (!this.#isObserving || this.#instruments === undefined) return;
    this.#isObserving = false;
    // The meter is kept, because an SDK that was shut down returns no more meters.
    this.#meter?.removeBatchObservableCallback(this.#observe, this.#instruments.observables);
  }

  opened({ origin }: Connection): boolean {
    this.#ready();
    if (origin !== undefined) this.#tally(origin);
    return true;
  }

  /** `known`: the peer's idle timeout, if it was read already. */
  succeeded(exchange: Exchange, known?: PeerTimeout): void {
    const { side, origin, idleMs } = exchange;
    if (side !== 'client' || origin === undefined || idleMs === undefined) return;
    const instruments = this.#ready();
    const peer = known ?? exchange.peerTimeout;
    const isNearMiss = peer !== undefined && exchange.isNearMiss(peer.ms);
    if (!isNearMiss && isNoop(instruments)) return;
    const tally = this.#tally(origin);
    instruments.idle.record(idleMs / 1_000, seriesOf(tally).ok);
    if (isNearMiss) tally.nearMisses += 1;
  }

  /** A cancelled request is not a failure; a reuse with a truncated response was already counted as `ok`. */
  failed(exchange: Exchange, failure: SocketFailure): void {
    const { side, origin, connection, reused = false, idleMs, answered } = exchange;
    if (side !== 'client' || origin === undefined || failure.kind === 'local_abort') return;
    const instruments = this.#ready();
    const tally =
      connection?.isEstablished === true
        ? this.#tally(origin)
        : this.#counted.tallies.ofUnconnected(origin, this.#maxOrigins(), failure.phase !== 'dns');
    tally.failed(failure, reused);
    if (idleMs !== undefined && !answered) instruments.idle.record(idleMs / 1_000, seriesOf(tally).failed);
  }

  /** A connection whose beginning was not observed has neither a known age nor a known number of requests. */
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
      this.#meter = provider.getMeter(PACKAGE_NAME, PACKAGE_VERSION);
      this.#instruments = createInstruments(this.#meter);
      if (this.#given !== undefined && isNoop(this.#instruments)) {
        this.#given = undefined;
        return this.#ready();
      }
    }
    if (!this.#isObserving) {
      this.#isObserving = true;
      this.#meter?.addBatchObservableCallback(this.#observe, this.#instruments.observables);
    }
    return this.#instruments;
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

/**
 * The instruments come from a MeterProvider that does nothing: there is no SDK yet (`registerInstrumentations` passes
 * such a provider, perhaps from another copy of the API than ours), or the SDK was shut down.
 */
function isNoop({ idle, duration }: Instruments): boolean {
  return idle === duration;
}
