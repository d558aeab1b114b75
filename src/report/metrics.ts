import { type BatchObservableResult, type Meter, type MeterProvider, metrics } from '@opentelemetry/api';
import type { Connection } from '../connection/connection';
import type { Exchange } from '../connection/exchange';
import type { Origin } from '../peer/origin';
import type { Reporter } from '../reporter';
import type { SocketFailure } from '../verdict/failure';
import { PACKAGE_NAME, PACKAGE_VERSION } from '../version';
import { createInstruments, type Instruments } from './metric-instruments';
import { observeTally, seriesOf } from './metric-series';
import { registered } from './registered';
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
 * Counts what the observers see of client connections, in our own tables, which are read when the SDK collects; the
 * values of the histogram that has one for each reuse are recorded then, too, or when there are many. The API has no
 * proxy for meters: instruments created before the SDK sets its MeterProvider would never work. Hence they are
 * created at the first event, and again when the MeterProvider changes.
 */
export class MetricReporter implements Pick<Reporter, 'opened' | 'closed' | 'succeeded' | 'failed'> {
  readonly #counted: Counted;
  readonly #maxOrigins: () => number;
  readonly #fault: (error: unknown) => void;
  /** The MeterProvider that the instrumentation was given; undefined: the global one. */
  #given: MeterProvider | undefined;
  #provider: MeterProvider | undefined;
  /** Where the global one was registered at the last look, and what was there. */
  #registered: ReturnType<typeof registered>;
  #seen: unknown;
  #meter: Meter | undefined;
  #instruments: Instruments | undefined;
  #isObserving = false;
  /** The origin that was counted last, and its tally. */
  #lastOrigin: Origin | undefined;
  #lastTally: Tally | undefined;

  constructor(counted: Counted, maxOrigins: () => number, fault: (error: unknown) => void) {
    this.#counted = counted;
    this.#maxOrigins = maxOrigins;
    this.#fault = fault;
  }

  setMeterProvider(provider: MeterProvider): void {
    this.#given = provider === metrics.getMeterProvider() ? undefined : provider;
    if (this.#isObserving) this.#look();
  }

  /** Removes the SDK's callback; the next event adds it again. */
  stop(): void {
    if (!this.#isObserving || this.#instruments === undefined) return;
    this.#isObserving = false;
    try {
      this.#passOnAll(this.#instruments);
    } catch (error) {
      this.#fault(error);
    }
    // The meter is kept, because an SDK that was shut down returns no more meters.
    this.#meter?.removeBatchObservableCallback(this.#observe, this.#instruments.observables);
  }

  opened({ origin }: Connection): boolean {
    this.#ready();
    if (origin !== undefined) this.#tally(origin);
    return true;
  }

  /** `peer` is the peer's idle timeout, as far as it is known. */
  succeeded(exchange: Exchange, peer = exchange.peerTimeout): void {
    const { side, origin, idleMs } = exchange;
    if (side !== 'client' || origin === undefined || idleMs === undefined) return;
    const instruments = this.#ready();
    const isNearMiss = peer !== undefined && exchange.isNearMiss(peer);
    if (!isNearMiss && isNoop(instruments)) return;
    const tally = this.#tally(origin);
    if (isNearMiss) tally.nearMisses += 1;
    if (!isNoop(instruments) && tally.reused(idleMs)) passOn(instruments, tally);
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

  #passOnAll(instruments: Instruments): void {
    for (const tally of this.#counted.tallies.all()) if (tally.pending > 0) passOn(instruments, tally);
  }

  #tally(origin: NonNullable<Connection['origin']>): Tally {
    if (origin !== this.#lastOrigin || this.#lastTally === undefined) {
      this.#lastTally = this.#counted.tallies.of(origin, this.#maxOrigins());
      this.#lastOrigin = origin;
    }
    return this.#lastTally;
  }

  /** The instruments of the MeterProvider that is registered now: each request comes here. */
  #ready(): Instruments {
    const known = this.#instruments;
    const api = registered();
    const isSame = api !== undefined && api === this.#registered && api.metrics === this.#seen;
    return known !== undefined && isSame && this.#isObserving ? known : this.#look();
  }

  #look(): Instruments {
    this.#registered = registered();
    this.#seen = this.#registered?.metrics;
    const provider = this.#given ?? metrics.getMeterProvider();
    if (this.#instruments === undefined || provider !== this.#provider) {
      this.stop();
      this.#provider = provider;
      this.#meter = provider.getMeter(PACKAGE_NAME, PACKAGE_VERSION);
      this.#instruments = createInstruments(this.#meter);
      if (this.#given !== undefined && isNoop(this.#instruments)) {
        this.#given = undefined;
        return this.#look();
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
      this.#passOnAll(instruments);
      const { tallies, open } = this.#counted;
      for (const tally of tallies.measure(open, this.#maxOrigins())) observeTally(result, instruments, tally);
    } catch (error) {
      this.#fault(error);
    }
  };
}

/** Passes the pending idle ages on to the SDK. */
function passOn({ idle }: Instruments, tally: Tally): void {
  const { idleAges, pending } = tally;
  tally.pending = 0;
  const { ok } = seriesOf(tally);
  for (let i = 0; i < pending; i += 1) idle.record((idleAges[i] ?? 0) / 1_000, ok);
}

/**
 * The instruments come from a MeterProvider that does nothing: there is no SDK yet (`registerInstrumentations` passes
 * such a provider, perhaps from another copy of the API than ours), or the SDK was shut down.
 */
function isNoop({ idle, duration }: Instruments): boolean {
  return idle === duration;
}
