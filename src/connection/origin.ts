import type { PeerTimeoutSource } from './facts';

const KEPT = 8;
/** Closings of one origin within this time are one event: a restart, not a limit. */
const BURST_MS = 1_000;
/** Nobody limits requests to less; shorter times repeat by themselves. */
const SHORTEST_LIMIT_MS = 100;

/** A pooled connection that the peer closed while nobody used it. */
interface IdleClosure {
  readonly atMs: number;
  readonly idleMs: number;
  readonly uses: number | undefined;
}

interface Timed {
  readonly atMs: number;
  readonly elapsedMs: number;
}

export interface PeerTimeout {
  readonly ms: number;
  readonly source: PeerTimeoutSource;
  /** How many idle closings agree on an observed limit; 0 for an announced one. */
  readonly closures: number;
}

/** What has been learned about one origin (scheme, host, port: what a pool keys on). Constant memory. */
export class Origin {
  readonly key: string;
  readonly host: string;
  readonly port: number | undefined;
  /**
   * Round trip: the fastest TCP connect, counting only time in which this process waited; undefined before there were
   * three, of which one may have been slow. Useless on loopback.
   */
  get rttMs(): number | undefined {
    return this.#connects < 3 ? undefined : this.#fastestMs;
  }
  /** The longest idle age at which a reuse went well. */
  okIdleMs: number | undefined;
  lastOkMs: number | undefined;
  lastFreshOkMs: number | undefined;
  /** When a request last left a connection to it, or a connection ended: others may have waited for that. */
  freedMs = 0;
  #connects = 0;
  #fastestMs = Number.POSITIVE_INFINITY;
  #peerTimeout: PeerTimeout | undefined;
  #announcedMs: number | undefined;
  #announcedVoid = false;
  #idleClosures: IdleClosure[] = [];
  #cuts: Timed[] = [];

  constructor(key: string, host: string, port: number | undefined) {
    this.key = key;
    this.host = host;
    this.port = port;
  }

  /** The fastest connect so far, however few there were; 0 before the first. */
  get connectMs(): number {
    return this.#connects === 0 ? 0 : this.#fastestMs;
  }

  connected(roundTripMs: number): void {
    this.#connects += 1;
    this.#fastestMs = Math.min(this.#fastestMs, roundTripMs);
  }

  /** A `Keep-Alive: timeout=…` header arrived. */
  announced(ms: number): void {
    if (ms === this.#announcedMs) return;
    this.#announcedMs = ms;
    this.#announcedVoid = false;
    this.#weigh();
  }

  /** A response arrived; `idleMs` is undefined on a fresh connection. */
  succeeded(nowMs: number, idleMs: number | undefined): void {
    this.lastOkMs = nowMs;
    if (idleMs === undefined) {
      this.lastFreshOkMs = nowMs;
      return;
    }
    const announced = this.#announcedMs ?? idleMs;
    const isVoid = this.#announcedVoid || idleMs > announced + Math.max(2_000, announced / 4);
    if (isVoid === this.#announcedVoid && idleMs <= (this.okIdleMs ?? -1)) return;
    this.#announcedVoid = isVoid;
    this.okIdleMs = Math.max(idleMs, this.okIdleMs ?? 0);
    this.#weigh();
  }

  /** The peer closed an idle pooled connection. For one that never carried a request servers have other limits. */
  closedIdle(atMs: number, idleMs: number, uses: number | undefined): void {
    if (uses === 0) return;
    keep(this.#idleClosures, { atMs, idleMs, uses });
    this.#weigh();
  }

  /** The peer closed a connection with a request in flight, `elapsedMs` after its acquire. */
  cut(atMs: number, elapsedMs: number): void {
    keep(this.#cuts, { atMs, elapsedMs });
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

  /** The number of requests after which the peer retires connections, if it repeats while the idle age does not. */
  get recycleCount(): number | undefined {
    const last = this.#idleClosures.slice(-3);
    const uses = last[0]?.uses;
    if (last.length < 3 || uses === undefined || uses < 2 || last.some((c) => c.uses !== uses)) return undefined;
    const ages = last.map((c) => c.idleMs);
    return Math.max(...ages) > 2 * Math.min(...ages) + 200 ? uses : undefined;
  }

  /** The peer's idle limit: the smaller of the announced and the observed one; undefined if neither is known. */
  peerTimeout(): PeerTimeout | undefined {
    return this.#peerTimeout;
  }

  /** Something was learned: done then, and not for each request that asks. */
  #weigh(): void {
    const observed = this.#observed();
    const announced = this.#announcedVoid ? undefined : this.#announcedMs;
    this.#peerTimeout =
      announced !== undefined && (observed === undefined || announced <= observed.ms)
        ? { ms: announced, source: 'announced', closures: 0 }
        : observed;
  }

  #observed(): PeerTimeout | undefined {
    if (this.#idleClosures.length < 2) return undefined;
    const ages = this.#idleClosures.filter(isAlone).map((c) => c.idleMs);
    if (ages.length < 2) return undefined;
    ages.sort((a, b) => a - b);
    const low = ages[0] ?? 0;
    const high = ages[ages.length - 1] ?? 0;
    if (high - low > Math.max(200, low * 0.1)) return undefined;
    const ms = Math.round(ages[ages.length >> 1] ?? low);
    if (this.okIdleMs !== undefined && this.okIdleMs > ms) return undefined;
    return { ms, source: 'observed', closures: ages.length };
  }
}

/** Not one of several closings of different idle ages in one moment, which would be a restart. */
function isAlone(closure: IdleClosure, index: number, all: readonly IdleClosure[]): boolean {
  return !all.some(
    (other, i) =>
      i !== index &&
      Math.abs(other.atMs - closure.atMs) <= BURST_MS &&
      Math.abs(other.idleMs - closure.idleMs) > Math.max(200, closure.idleMs * 0.1),
  );
}

function keep<T>(list: T[], item: T): void {
  if (list.length === KEPT) list.shift();
  list.push(item);
}
