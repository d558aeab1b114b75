/** A pooled connection that the peer closed while nobody used it. */
export interface IdleClosure {
  readonly atMs: number;
  readonly idleMs: number;
  /** How much of that time this process was busy: it may have seen the end as much too late. */
  readonly busyMs: number;
  readonly ageMs: number | undefined;
  /** Requests that it had carried; undefined if its history is unknown. */
  readonly uses: number | undefined;
}

/** An idle limit as the peer's closings show it. */
export interface ObservedLimit {
  readonly ms: number;
  /** Closings that agree, each of a moment of its own, and how far their idle ages lie apart. */
  readonly closures: number;
  readonly spreadMs: number;
}

/** Closings within a moment: several of one idle age are one event at the limit, several ages are a restart. */
interface Burst {
  readonly first: IdleClosure;
  lastMs: number;
  isRestart: boolean;
}

interface Survival {
  readonly atMs: number;
  readonly idleMs: number;
}

const KEPT = 8;
/** A closing within this time after another is part of its event, if that connection was idle when it began. */
const BURST_MS = 1_000;
/** Nobody limits idleness to less: what ends a connection sooner is something else. */
const SHORTEST_MS = 100;
/** So many closings make a limit although others disagree. */
const MAJORITY = 4;

/** What the idle closings and the reuses of one origin say about the peer's limits. Constant memory. */
export class IdleLimit {
  /** Closings at what may be a limit, one of each event, oldest first. */
  readonly #events: IdleClosure[] = [];
  #burst: Burst | undefined;
  /** The last three closings. */
  readonly #latest: IdleClosure[] = [];
  /** Idle ages that connections survived, from the longest to the shortest, which is the latest. */
  readonly #survivals: Survival[] = [];

  closed(closure: IdleClosure): void {
    if (this.#latest.length === 3) this.#latest.shift();
    this.#latest.push(closure);
    const { atMs, idleMs } = closure;
    if (idleMs < SHORTEST_MS) return;
    const burst = this.#burst;
    if (burst === undefined || atMs - burst.lastMs > BURST_MS || atMs - idleMs >= burst.first.atMs) {
      this.#burst = { first: closure, lastMs: atMs, isRestart: false };
      if (this.#events.length === KEPT) this.#events.shift();
      this.#events.push(closure);
      return;
    }
    burst.lastMs = atMs;
    if (burst.isRestart || Math.abs(burst.first.idleMs - idleMs) <= tolerance(idleMs)) return;
    burst.isRestart = true;
    this.#events.pop();
  }

  /** A reuse went well at this idle age, or our own pool closed a connection that the peer had let live: a lower bound. */
  survived(atMs: number, idleMs: number): void {
    if (idleMs < SHORTEST_MS) return;
    while ((this.#survivals.at(-1)?.idleMs ?? Number.POSITIVE_INFINITY) <= idleMs) this.#survivals.pop();
    if (this.#survivals.length === KEPT) this.#survivals.pop();
    this.#survivals.push({ atMs, idleMs });
  }

  /** The longest idle age that was survived since then; 0 if none was. */
  survivedSince(atMs: number): number {
    return this.#survivals.find((survival) => survival.atMs >= atMs)?.idleMs ?? 0;
  }

  /**
   * The limit, if the evidence agrees: two closings of separate moments and none that disagrees, or four which are all
   * newer than those that disagree (the limit was changed).
   */
  observed(): ObservedLimit | undefined {
    const events = this.#events;
    const base = events.findLast(isExact)?.idleMs;
    if (base === undefined) return undefined;
    const isAlike = ({ idleMs, busyMs }: IdleClosure) =>
      idleMs >= base - tolerance(base) && idleMs - busyMs <= base + tolerance(base);
    const alike = events.filter((event) => isExact(event) && isAlike(event));
    const others = events.filter((event) => !isAlike(event));
    const since = alike[0]?.atMs ?? 0;
    if (alike.length < (others.length === 0 ? 2 : MAJORITY) || !others.every(({ atMs }) => atMs < since))
      return undefined;
    const ages = alike.map(({ idleMs }) => idleMs).sort((a, b) => a - b);
    const ms = Math.round(ages[ages.length >> 1] ?? base);
    if (this.survivedSince(since) > ms + tolerance(ms)) return undefined;
    return { ms, closures: ages.length, spreadMs: Math.round((ages.at(-1) ?? ms) - (ages[0] ?? ms)) };
  }

  /** The number of requests after which the peer retires connections, if it repeats while the idle age does not. */
  get recycleCount(): number | undefined {
    const last = this.#last();
    const uses = last[0]?.uses;
    return uses !== undefined && uses >= 2 && last.every((closure) => closure.uses === uses) ? uses : undefined;
  }

  /** The age at which the peer retires connections, by the same rule. */
  get recycleAgeMs(): number | undefined {
    const ages = this.#last().map(({ ageMs }) => ageMs ?? Number.NaN);
    const low = Math.min(...ages);
    const high = Math.max(...ages);
    return ages.length > 0 && low >= SHORTEST_MS && high - low <= Math.max(50, low * 0.02) ? low : undefined;
  }

  /** The last three closings, if their idle age is none that a limit would make. */
  #last(): readonly IdleClosure[] {
    const last = this.#latest;
    const ages = last.map(({ idleMs }) => idleMs);
    const low = Math.min(...ages);
    const high = Math.max(...ages);
    return last.length === 3 && (high < SHORTEST_MS || high > 2 * low + 200) ? last : [];
  }
}

/** This process was not so busy that it can have seen the end much too late. */
function isExact({ idleMs, busyMs }: IdleClosure): boolean {
  return busyMs <= tolerance(idleMs);
}

/** How far idle ages at one limit lie apart: timers and loops are late. */
function tolerance(idleMs: number): number {
  return Math.max(idleMs * 0.1, Math.min(200, idleMs * 0.25));
}
