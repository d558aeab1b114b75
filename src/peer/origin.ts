import { advisedTimeoutMs } from './advised-timeout';
import { ClosingRate } from './closing-rate';
import type { ObservedTimeout } from './idle/estimate-timeout';
import type { IdleClosing } from './idle/idle-closing';
import { IdleTimeout, SHORTEST_TIMEOUT_MS } from './idle/idle-timeout';
import { type InFlightClosing, InFlightClosings } from './in-flight-closings';
import { grantMs, NOT_ANNOUNCED, type PeerTimeout } from './peer-timeout';
import { REFUSING_MS, Refusals } from './refusals';
import { RoundTrip } from './round-trip';

/** Connections that are closed within this time are closed for one reason. */
const TOGETHER_MS = 100;
/** An idle connection that is closed so soon before or after a request ends may have ended for the same reason. */
const COMPANION_MS = 20;
const HOUR_MS = 3_600_000;

/** What has been learned about one origin (scheme, host, port: what a pool keys on). Constant memory. */
export class Origin {
  readonly key: string;
  readonly host: string;
  readonly port: number | undefined;
  readonly roundTrip = new RoundTrip();
  lastOkMs: number | undefined;
  lastFreshOkMs: number | undefined;
  /** When a request on a reused connection was last answered. */
  lastReusedOkMs: number | undefined;
  /** Requests on reused connections that failed without a byte back, before the first answer on one. */
  unansweredReuses = 0;
  readonly #refusals = new Refusals();
  /** When the peer last dropped a request immediately, on a fresh or barely idle connection. */
  droppedMs: number | undefined;
  /** When it last did so on a fresh connection, which no idle closing explains. */
  droppedFreshMs: number | undefined;
  /** Connections that the peer closed with a request in flight. */
  readonly inFlightClosings = new InFlightClosings();
  /** Connections that the peer closed, idle or not. */
  readonly closingRate = new ClosingRate();
  /** When a request last released a connection, or one was closed: queued requests may have waited for that. */
  freedMs = 0;
  /** When a client of undici last began to connect to it. */
  connectingMs = 0;
  /** Requests of undici that hold a connection to it now: others may have to wait for that. */
  inUse = 0;
  /** A reported request was sent here, so connections that no request holds yet are also reported. */
  isReported = false;
  /** The mismatch of the two idle timeouts was reported to the program. */
  isMismatchReported = false;
  readonly #idleTimeout = new IdleTimeout();
  #inFlightMs = Number.NEGATIVE_INFINITY;
  #idleEndMs = Number.NEGATIVE_INFINITY;
  #observed: ObservedTimeout | undefined;
  #peerTimeout: PeerTimeout | undefined;
  #announcedMs: number | undefined;
  /** An announced idle timeout that a connection far outlived. */
  #voidMs: number | undefined;

  constructor(key: string, host: string, port: number | undefined) {
    this.key = key;
    this.host = host;
    this.port = port;
  }

  /** The round trip, as far as it is sure (`RoundTrip.sureMs`). */
  get rttMs(): number | undefined {
    return this.roundTrip.sureMs;
  }

  /** The fastest connect or answer so far, however few there were; 0 before the first connect. */
  get fastestMs(): number {
    return this.roundTrip.fastestMs;
  }

  /** A connection was established; `roundTripMs` is undefined if that shows no round trip. */
  connected(nowMs: number, roundTripMs: number | undefined): void {
    if (roundTripMs !== undefined) this.roundTrip.connected(nowMs, roundTripMs);
    this.closingRate.begin(nowMs);
  }

  /** A `Keep-Alive: timeout=...` header arrived. */
  announced(ms: number): void {
    if (ms === this.#announcedMs) return;
    this.#announcedMs = ms;
    this.#weigh();
  }

  /**
   * A response arrived, `waitedMs` after the first write. `idleMs` is undefined on a fresh connection; `announcedMs` is
   * the idle timeout announced on this connection.
   */
  succeeded(nowMs: number, idleMs: number | undefined, waitedMs?: number, announcedMs = this.#announcedMs): void {
    this.lastOkMs = nowMs;
    if (waitedMs !== undefined) this.roundTrip.answered(nowMs, waitedMs);
    if (idleMs === undefined) {
      this.lastFreshOkMs = nowMs;
      return;
    }
    this.lastReusedOkMs = nowMs;
    // Each answer passes here, and mostly neither call would do anything.
    if (announcedMs !== undefined) this.#outlived(idleMs, announcedMs);
    if (idleMs >= SHORTEST_TIMEOUT_MS) this.survived(nowMs, idleMs);
  }

  /** A connection was still alive at this idle age. */
  survived(nowMs: number, idleMs: number): void {
    this.#idleTimeout.survived(nowMs, idleMs);
    if (this.#peerTimeout !== undefined && idleMs > this.#peerTimeout.ms) this.#weigh();
  }

  /** Connects are being refused, and no request has been answered since (`Refusals.areUnanswered`). */
  isRefusing(nowMs: number, address?: string, sinceMs?: number): boolean {
    return this.#refusals.areUnanswered(nowMs, this.lastOkMs, address, sinceMs);
  }

  /**
   * The longest idle age that a connection survived within the last hour, because idle timeouts change; at least the
   * shortest plausible timeout.
   */
  okIdleMs(nowMs: number): number {
    return Math.max(SHORTEST_TIMEOUT_MS, this.#idleTimeout.survivedSince(nowMs - HOUR_MS));
  }

  /** The peer closed a connection with a request in flight. `mayBeLimit`: a time limit may be the reason. */
  closedInFlight(closing: InFlightClosing, mayBeLimit: boolean): void {
    const isAccompanied = closing.atMs - this.#idleEndMs <= COMPANION_MS;
    if (this.inFlightClosings.add(closing, mayBeLimit)) this.closingRate.add(closing.atMs, closing.elapsedMs);
    if (isAccompanied) this.inFlightClosings.noteCompanion(closing.atMs);
    // Idle connections that are closed at the same time were not closed because they were idle.
    this.#inFlightMs = closing.atMs;
    this.#idleTimeout.retract(closing.atMs - TOGETHER_MS);
    this.#weigh();
  }

  /** A connect was refused: connections closed just before were closed because the peer was shutting down. */
  refused(nowMs: number, address?: string): void {
    this.#refusals.add(nowMs, address);
    this.inFlightClosings.forgetMoment(nowMs);
    this.#idleTimeout.retract(nowMs - REFUSING_MS);
    this.#weigh();
  }

  /** The peer closed an idle pooled connection. Servers have other timeouts for one that never carried a request. */
  closedIdle(closure: IdleClosing, announcedMs = this.#announcedMs): void {
    if (closure.uses === 0) return;
    this.closingRate.add(closure.atMs, closure.idleMs);
    this.#idleEndMs = closure.atMs;
    this.inFlightClosings.noteCompanion(closure.atMs - COMPANION_MS);
    this.#outlived(closure.idleMs - closure.lateMs, announcedMs);
    this.#idleTimeout.closed(closure);
    if (closure.atMs - this.#inFlightMs <= TOGETHER_MS) this.#idleTimeout.retract(this.#inFlightMs - TOGETHER_MS);
    this.#weigh();
  }

  /** A connection survived this idle age: a far shorter idle timeout that was announced on it is void. */
  #outlived(idleMs: number, announcedMs: number | undefined): void {
    if (announcedMs === undefined || announcedMs === NOT_ANNOUNCED || announcedMs === this.#voidMs) return;
    if (idleMs <= grantMs(announcedMs)) return;
    this.#voidMs = announcedMs;
    this.#weigh();
  }

  /**
   * The peer retires connections like this one: after this number of requests, at this age, or after each first answer.
   */
  isRetired(uses: number | undefined, ageMs: number | undefined): boolean {
    const { recycleCount, recycleAgeMs } = this.#idleTimeout;
    if (this.lastReusedOkMs === undefined && this.unansweredReuses >= 2 && uses === 1) return true;
    return (recycleCount !== undefined && uses === recycleCount) || (ageMs ?? 0) >= (recycleAgeMs ?? Number.NaN) * 0.98;
  }

  /**
   * The peer's idle timeout: the smaller of the announced and the observed one; undefined if neither is known. Several
   * peers behind one name may announce different ones, or none: `announcedMs` was announced on the connection in
   * question.
   */
  peerTimeout(announcedMs = this.#announcedMs): PeerTimeout | undefined {
    const own = announcedMs === NOT_ANNOUNCED ? undefined : announcedMs;
    return own === this.#announcedMs ? this.#peerTimeout : this.#smaller(own);
  }

  /** The idle timeout that the peer announced last, unless a reuse succeeded far beyond it. */
  announcedMs(): number | undefined {
    return this.#announcedMs === this.#voidMs ? undefined : this.#announcedMs;
  }

  /** The idle timeout that the peer's closings show, whatever it announces. */
  observedTimeout(): ObservedTimeout | undefined {
    return this.#observed;
  }

  /** Updates the results when something was learned, rather than for each request that reads them. */
  #weigh(): void {
    this.#observed = this.#idleTimeout.observed();
    this.#peerTimeout = this.#smaller(this.#announcedMs);
  }

  #smaller(announcedMs: number | undefined): PeerTimeout | undefined {
    const observed = this.#observed;
    const isAnnounced = announcedMs !== undefined && announcedMs !== this.#voidMs;
    if (isAnnounced && (observed === undefined || announcedMs <= observed.ms)) {
      const advisedMs = advisedTimeoutMs(announcedMs);
      return { ms: announcedMs, source: 'announced', advisedMs, closures: 0, spreadMs: 0 };
    }
    if (observed === undefined) return undefined;
    return { ...observed, source: 'observed', advisedMs: advisedTimeoutMs(observed.ms) };
  }
}
