import { ClosingRate } from './closing-rate';
import type { ObservedTimeout } from './estimate-timeout';
import type { IdleClosing } from './idle-closing';
import { IdleTimeout, SHORTEST_TIMEOUT_MS } from './idle-timeout';
import { type InFlightClosing, InFlightClosings } from './in-flight-closings';
import type { PeerTimeout } from './peer-timeout';

const SYN_TIMEOUT_MS = 1_000;
const MOMENT_MS = 100;
const REFUSING_MS = 1_000;
const HOUR_MS = 3_600_000;

/** No peer that announces a limit lets connections live longer than this. */
export function grantMs(announcedMs: number): number {
  return announcedMs + Math.max(2_000, announcedMs / 4);
}

/** What has been learned about one origin (scheme, host, port: what a pool keys on). Constant memory. */
export class Origin {
  readonly key: string;
  readonly host: string;
  readonly port: number | undefined;
  /**
   * Round trip: the fastest TCP connect or answer, counting only time in which this process waited; undefined before there
   * were connects at three separate moments, as all of one moment may have been slow, or if each lost a SYN (RFC 6298: a
   * second). Useless on loopback.
   */
  get rttMs(): number | undefined {
    return this.#moments < 3 || this.connectMs >= SYN_TIMEOUT_MS ? undefined : this.connectMs;
  }
  /** From the first write to the response headers, the fastest so far: no round trip is longer. Undefined before the first. */
  fastestAnswerMs: number | undefined;
  lastOkMs: number | undefined;
  lastFreshOkMs: number | undefined;
  /** When a connection that had been used before last brought an answer. */
  lastReusedOkMs: number | undefined;
  /** When a connect was last refused. */
  refusedMs: number | undefined;
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
  /** The program was told of the mismatch between both idle limits. */
  isMismatchTold = false;
  readonly #limit = new IdleTimeout();
  #moments = 0;
  #connectedMs = Number.NEGATIVE_INFINITY;
  #fastestMs = Number.POSITIVE_INFINITY;
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

  /** The fastest connect or answer so far, however few there were; 0 before the first connect. */
  get connectMs(): number {
    return this.#moments === 0 ? 0 : Math.min(this.#fastestMs, this.fastestAnswerMs ?? this.#fastestMs);
  }

  connected(nowMs: number, roundTripMs: number): void {
    if (nowMs - this.#connectedMs > MOMENT_MS) this.#moments += 1;
    this.#connectedMs = nowMs;
    this.endings.begin(nowMs);
    this.#fastestMs = Math.min(this.#fastestMs, roundTripMs);
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
    if (waitedMs !== undefined && waitedMs < (this.fastestAnswerMs ?? Number.POSITIVE_INFINITY))
      this.fastestAnswerMs = waitedMs;
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

  /** A connect was refused in this moment, and nothing was answered since: a limiter refuses some, and answers others. */
  isRefusing(nowMs: number): boolean {
    const { refusedMs, lastOkMs = Number.NEGATIVE_INFINITY } = this;
    return refusedMs !== undefined && nowMs - refusedMs <= REFUSING_MS && lastOkMs < refusedMs;
  }

  /** The longest idle age that a connection survived within the last hour: limits change. At least what nobody limits. */
  okIdleMs(nowMs: number): number {
    return Math.max(SHORTEST_TIMEOUT_MS, this.#limit.survivedSince(nowMs - HOUR_MS));
  }

  /** The peer ended a connection with a request in flight. `mayBeLimit`: it may have been cut at a time limit. */
  closedInFlight(closing: InFlightClosing, mayBeLimit: boolean): void {
    if (this.inFlightClosings.add(closing, mayBeLimit)) this.endings.add(closing.atMs, closing.elapsedMs);
  }

  /** A connect was refused: what ended just before ended because the peer was going away. */
  refused(nowMs: number): void {
    this.refusedMs = nowMs;
    this.inFlightClosings.forgetMoment(nowMs);
  }

  /** The peer closed an idle pooled connection. For one that never carried a request servers have other limits. */
  closedIdle(closure: IdleClosing, announcedMs = this.#announcedMs): void {
    if (closure.uses === 0) return;
    this.endings.add(closure.atMs, closure.idleMs);
    this.#outlived(closure.idleMs - closure.lateMs, announcedMs);
    this.#limit.closed(closure);
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

  /** The peer retires connections like this one: after so many requests, or at this age. */
  isRetired(uses: number | undefined, ageMs: number | undefined): boolean {
    const { recycleCount, recycleAgeMs } = this.#limit;
    return (recycleCount !== undefined && uses === recycleCount) || (ageMs ?? 0) >= (recycleAgeMs ?? Number.NaN) * 0.98;
  }

  /**
   * The peer's idle limit: the smaller of the announced and the observed one; undefined if neither is known. Of several
   * peers behind one name each may announce its own: `announcedMs` is what was announced on the connection in question.
   */
  peerTimeout(announcedMs = this.#announcedMs): PeerTimeout | undefined {
    return announcedMs === this.#announcedMs ? this.#peerTimeout : this.#smaller(announcedMs);
  }

  /** The limit that the peer announced last, as long as no reuse went well beyond it. */
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
