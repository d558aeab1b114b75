import type { PeerTimeoutSource } from './facts';
import { type IdleClosure, IdleLimit, type ObservedLimit } from './idle-limit';

const KEPT = 8;
/** Closings of one origin within this time are one event. */
const BURST_MS = 1_000;
/** Nobody limits requests to less; shorter times repeat by themselves. */
const SHORTEST_LIMIT_MS = 100;
const SYN_TIMEOUT_MS = 1_000;
const MOMENT_MS = 100;

interface Cut {
  readonly atMs: number;
  readonly elapsedMs: number;
}

export interface PeerTimeout {
  readonly ms: number;
  readonly source: PeerTimeoutSource;
  /** How many idle closings agree on an observed limit; 0 for an announced one. */
  readonly closures: number;
  /** How far the idle ages of these closings lie apart. */
  readonly spreadMs: number;
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
  /** The longest idle age at which a reuse went well. */
  okIdleMs: number | undefined;
  lastOkMs: number | undefined;
  lastFreshOkMs: number | undefined;
  /** When a connect was last refused. */
  refusedMs: number | undefined;
  /** When a request last left a connection to it, or a connection ended: others may have waited for that. */
  freedMs = 0;
  /** It was sent a request that is reported: a connection that no request has yet counts, too. */
  isReported = false;
  /** The program was told of the mismatch between both idle limits. */
  isMismatchTold = false;
  readonly #limit = new IdleLimit();
  #moments = 0;
  #connectedMs = Number.NEGATIVE_INFINITY;
  #fastestMs = Number.POSITIVE_INFINITY;
  #peerTimeout: PeerTimeout | undefined;
  #announcedMs: number | undefined;
  #announcedVoid = false;
  #cuts: Cut[] = [];

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
    this.#fastestMs = Math.min(this.#fastestMs, roundTripMs);
  }

  /** A `Keep-Alive: timeout=…` header arrived. */
  announced(ms: number): void {
    if (ms === this.#announcedMs) return;
    this.#announcedMs = ms;
    this.#announcedVoid = false;
    this.#weigh();
  }

  /** A response arrived, `waitedMs` after the first write; `idleMs` is undefined on a fresh connection. */
  succeeded(nowMs: number, idleMs: number | undefined, waitedMs?: number): void {
    this.lastOkMs = nowMs;
    if (waitedMs !== undefined && waitedMs < (this.fastestAnswerMs ?? Number.POSITIVE_INFINITY))
      this.fastestAnswerMs = waitedMs;
    if (idleMs === undefined) {
      this.lastFreshOkMs = nowMs;
      return;
    }
    if (idleMs > (this.okIdleMs ?? -1)) this.okIdleMs = idleMs;
    const announced = this.#announcedMs ?? idleMs;
    this.#announcedVoid ||= idleMs > announced + Math.max(2_000, announced / 4);
    this.survived(nowMs, idleMs);
  }

  /** A connection lived on at this idle age. */
  survived(nowMs: number, idleMs: number): void {
    this.#limit.survived(nowMs, idleMs);
    if (idleMs > (this.#peerTimeout?.ms ?? Number.POSITIVE_INFINITY)) this.#weigh();
  }

  /** The peer closed an idle pooled connection. For one that never carried a request servers have other limits. */
  closedIdle(closure: IdleClosure): void {
    if (closure.uses === 0) return;
    this.#limit.closed(closure);
    this.#weigh();
  }

  /** The peer closed a connection with a request in flight, `elapsedMs` after its acquire. */
  cut(atMs: number, elapsedMs: number): void {
    if (this.#cuts.length === KEPT) this.#cuts.shift();
    this.#cuts.push({ atMs, elapsedMs });
  }

  /**
   * Other requests that were in flight beside the one that was acquired at `acquiredMs` and died in the same moment, at
   * other elapsed times: a limit on the time of a request would cut at one.
   */
  cutsBeside(acquiredMs: number, nowMs: number): number {
    const elapsedMs = nowMs - acquiredMs;
    return this.#cuts.filter(
      (cut) =>
        cut.atMs >= acquiredMs &&
        nowMs - cut.atMs <= BURST_MS &&
        Math.abs(cut.elapsedMs - elapsedMs) > elapsedMs * 0.05,
    ).length;
  }

  /** Earlier in-flight closings, of other moments, whose elapsed time lies within 2 % of `elapsedMs`. */
  cutsLike(elapsedMs: number, nowMs: number): number {
    if (elapsedMs < SHORTEST_LIMIT_MS) return 0;
    let found = 0;
    let eventMs = nowMs;
    for (let i = this.#cuts.length - 1; i >= 0; i--) {
      const cut = this.#cuts[i];
      if (cut === undefined || eventMs - cut.atMs <= BURST_MS) continue;
      eventMs = cut.atMs;
      if (Math.abs(cut.elapsedMs - elapsedMs) <= elapsedMs * 0.02) found += 1;
    }
    return found;
  }

  /** The peer retires connections like this one: after so many requests, or at this age. */
  isRetired(uses: number | undefined, ageMs: number | undefined): boolean {
    const { recycleCount, recycleAgeMs } = this.#limit;
    return (recycleCount !== undefined && uses === recycleCount) || (ageMs ?? 0) >= (recycleAgeMs ?? Number.NaN) * 0.98;
  }

  /** The peer's idle limit: the smaller of the announced and the observed one; undefined if neither is known. */
  peerTimeout(): PeerTimeout | undefined {
    return this.#peerTimeout;
  }

  /** The limit that the peer announces, as long as no reuse went well beyond it. */
  announcedMs(): number | undefined {
    return this.#announcedVoid ? undefined : this.#announcedMs;
  }

  /** The limit that the peer's closings show, whatever it announces. */
  observedLimit(): ObservedLimit | undefined {
    return this.#limit.observed();
  }

  /** Something was learned: done then, and not for each request that asks. */
  #weigh(): void {
    const observed = this.observedLimit();
    const announced = this.announcedMs();
    if (announced !== undefined && (observed === undefined || announced <= observed.ms))
      this.#peerTimeout = { ms: announced, source: 'announced', closures: 0, spreadMs: 0 };
    else this.#peerTimeout = observed === undefined ? undefined : { ...observed, source: 'observed' };
  }
}
