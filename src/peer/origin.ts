import { ClosingRate } from './closing-rate';
import type { ObservedTimeout } from './idle/estimate-timeout';
import type { IdleClosing } from './idle/idle-closing';
import { IdleTimeout, SHORTEST_TIMEOUT_MS } from './idle/idle-timeout';
import { type InFlightClosing, InFlightClosings } from './in-flight-closings';
import { grantMs, type PeerTimeout } from './peer-timeout';
import { RoundTrip } from './round-trip';

const REFUSING_MS = 1_000;
/** Connections that end within this time end for one reason. */
const TOGETHER_MS = 100;
const HOUR_MS = 3_600_000;

/** What has been learned about one origin (scheme, host, port: what a pool keys on). Constant memory. */
export class Origin {
  readonly key: string;
  readonly host: string;
  readonly port: number | undefined;
  readonly roundTrip = new RoundTrip();
  lastOkMs: number | undefined;
  lastFreshOkMs: number | undefined;
  /** When a connection that had been used before last brought an answer. */
  lastReusedOkMs: number | undefined;
  /** Requests on such connections that ended with no byte back, before the first answer on one. */
  unansweredReuses = 0;
  /** When a connect was last refused, and at which address; undefined: not known. */
  refusedMs: number | undefined;
  #refusedAt: string | undefined;
  /** When a request that was no sooner sent than dropped was last seen, though its connection was new or hardly idle. */
  droppedMs: number | undefined;
  /** Requests that were cut. */
  readonly inFlightClosings = new InFlightClosings();
  /** Connections that the peer ended, idle or not. */
  readonly endings = new ClosingRate();
  /** When a request last left a connection to it, or a connection ended: others may have waited for that. */
  freedMs = 0;
  /** It was sent a request that is reported: a connection that no request has yet counts, too. */
  isReported = false;
  /** The program was told of the mismatch between both idle timeouts. */
  isMismatchTold = false;
  readonly #limit = new IdleTimeout();
  #inFlightMs = Number.NEGATIVE_INFINITY;
  #observed: ObservedTimeout | undefined;
  #peerTimeout: PeerTimeout | undefined;
  #announcedMs: number | undefined;
  /** An announced limit that a connection outlived by far. */
  #voidMs: number | undefined;

  constructor(key: string, host: string, port: number | undefined) {
    this.key = key;
    this.host = host;
    this.port = port;
  }

  /** The round trip (`RoundTrip.sureMs`); undefined while little is known of it. */
  get rttMs(): number | undefined {
    return this.roundTrip.sureMs;
  }

  /** The fastest connect or answer so far, however few there were; 0 before the first connect. */
  get connectMs(): number {
    return this.roundTrip.fastestMs;
  }

  connected(nowMs: number, roundTripMs: number): void {
    this.roundTrip.connected(nowMs, roundTripMs);
    this.endings.begin(nowMs);
  }

  /** A `Keep-Alive: timeout=…` header arrived. */
  announced(ms: number): void {
    if (ms === this.#announcedMs) return;
    this.#announcedMs = ms;
    this.#weigh();
  }

  /**
   * A response arrived, `waitedMs` after the first write; `idleMs` is undefined on a fresh connection, `announcedMs` is
   * the limit that was announced on this one.
   */
  succeeded(nowMs: number, idleMs: number | undefined, waitedMs?: number, announcedMs = this.#announcedMs): void {
    this.lastOkMs = nowMs;
    if (waitedMs !== undefined) this.roundTrip.answered(waitedMs);
    if (idleMs === undefined) {
      this.lastFreshOkMs = nowMs;
      return;
    }
    this.lastReusedOkMs = nowMs;
    this.#outlived(idleMs, announcedMs);
    this.survived(nowMs, idleMs);
  }

  /** A connection lived on at this idle age. */
  survived(nowMs: number, idleMs: number): void {
    this.#limit.survived(nowMs, idleMs);
    if (idleMs > (this.#peerTimeout?.ms ?? Number.POSITIVE_INFINITY)) this.#weigh();
  }

  /**
   * A connect was refused in this moment, and nothing was answered since: a limiter refuses some, and answers others. Of
   * several machines behind one name it was that of `address`, or one of the two addresses is not known.
   */
  isRefusing(nowMs: number, address?: string): boolean {
    const { refusedMs, lastOkMs = Number.NEGATIVE_INFINITY } = this;
    if (this.#refusedAt !== undefined && address !== undefined && this.#refusedAt !== address) return false;
    return refusedMs !== undefined && nowMs - refusedMs <= REFUSING_MS && lastOkMs < refusedMs;
  }

  /** The longest idle age that a connection survived within the last hour: limits change. At least what nobody limits. */
  okIdleMs(nowMs: number): number {
    return Math.max(SHORTEST_TIMEOUT_MS, this.#limit.survivedSince(nowMs - HOUR_MS));
  }

  /** The peer ended a connection with a request in flight. `mayBeLimit`: it may have been cut at a time limit. */
  closedInFlight(closing: InFlightClosing, mayBeLimit: boolean): void {
    if (this.inFlightClosings.add(closing, mayBeLimit)) this.endings.add(closing.atMs, closing.elapsedMs);
    // What ends requests ends idle connections for another reason than their idleness.
    this.#inFlightMs = closing.atMs;
    this.#limit.retract(closing.atMs - TOGETHER_MS);
    this.#weigh();
  }

  /** A connect was refused: what ended just before ended because the peer was going away. */
  refused(nowMs: number, address?: string): void {
    this.refusedMs = nowMs;
    this.#refusedAt = address;
    this.inFlightClosings.forgetMoment(nowMs);
    this.#limit.retract(nowMs - REFUSING_MS);
    this.#weigh();
  }

  /** The peer closed an idle pooled connection. For one that never carried a request servers have other limits. */
  closedIdle(closure: IdleClosing, announcedMs = this.#announcedMs): void {
    if (closure.uses === 0) return;
    this.endings.add(closure.atMs, closure.idleMs);
    this.#outlived(closure.idleMs - closure.lateMs, announcedMs);
    this.#limit.closed(closure);
    if (closure.atMs - this.#inFlightMs <= TOGETHER_MS) this.#limit.retract(this.#inFlightMs - TOGETHER_MS);
    this.#weigh();
  }

  /** A connection was idle for so long and alive: a limit that was announced on it and is far shorter is void. */
  #outlived(idleMs: number, announcedMs: number | undefined): void {
    if (announcedMs === undefined || announcedMs === this.#voidMs) return;
    if (idleMs <= grantMs(announcedMs)) return;
    this.#voidMs = announcedMs;
    this.#weigh();
  }

  /** What the peer did in this moment to idle connections; `idleMs` is the age of the one that is asked for. */
  closings(nowMs: number, idleMs: number): ReturnType<IdleTimeout['closings']> {
    return this.#limit.closings(nowMs, idleMs, this.#peerTimeout?.ms);
  }

  /** The peer retires connections like this one: after so many requests, at this age, or each after its first answer. */
  isRetired(uses: number | undefined, ageMs: number | undefined): boolean {
    const { recycleCount, recycleAgeMs } = this.#limit;
    if (this.lastReusedOkMs === undefined && this.unansweredReuses >= 2 && uses === 1) return true;
    return (recycleCount !== undefined && uses === recycleCount) || (ageMs ?? 0) >= (recycleAgeMs ?? Number.NaN) * 0.98;
  }

  /**
   * The peer's idle timeout: the smaller of the announced and the observed one; undefined if neither is known. Of several
   * peers behind one name each may announce its own: `announcedMs` is what was announced on the connection in question.
   */
  peerTimeout(announcedMs = this.#announcedMs): PeerTimeout | undefined {
    return announcedMs === this.#announcedMs ? this.#peerTimeout : this.#smaller(announcedMs);
  }

  /** The limit that the peer announced last, as long as no reuse succeeded beyond it. */
  announcedMs(): number | undefined {
    return this.#announcedMs === this.#voidMs ? undefined : this.#announcedMs;
  }

  /** The limit that the peer's closings show, whatever it announces. */
  observedTimeout(): ObservedTimeout | undefined {
    return this.#observed;
  }

  /** Something was learned: done then, and not for each request that asks. */
  #weigh(): void {
    this.#observed = this.#limit.observed();
    this.#peerTimeout = this.#smaller(this.#announcedMs);
  }

  #smaller(announcedMs: number | undefined): PeerTimeout | undefined {
    const observed = this.#observed;
    const isAnnounced = announcedMs !== undefined && announcedMs !== this.#voidMs;
    if (isAnnounced && (observed === undefined || announcedMs <= observed.ms))
      return { ms: announcedMs, source: 'announced', closures: 0, spreadMs: 0 };
    return observed === undefined ? undefined : { ...observed, source: 'observed' };
  }
}
