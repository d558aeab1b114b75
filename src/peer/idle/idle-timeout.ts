import { estimateTimeout, isAgeLimit, isExact, type ObservedTimeout, tolerance } from './estimate-timeout';
import type { IdleClosing } from './idle-closing';

/** Closings at one time, of connections that were idle simultaneously: one event at the idle timeout, or a restart. */
interface Burst {
  readonly first: IdleClosing;
  lastMs: number;
  /** Idle ages too different for one idle timeout, at most MANY. */
  readonly ages: number[];
}

interface Survival {
  readonly atMs: number;
  readonly idleMs: number;
}

const KEPT = 8;
/**
 * A closing within this time after another belongs to the same event, if its connection was already idle when that
 * began.
 */
const BURST_MS = 1_000;
/** No shorter idle timeout is learned: connections closed sooner are probably closed for another reason. */
export const SHORTEST_TIMEOUT_MS = 100;
/** This many idle ages in one event are not an idle timeout; two may be two timeouts. */
const MANY = 3;
const HOUR_MS = 3_600_000;

/** What the idle closings and the reuses of one origin say about the peer's idle timeout. Constant memory. */
export class IdleTimeout {
  /** Closings that may be at the idle timeout, one of each event, oldest first. */
  readonly #events: IdleClosing[] = [];
  #burst: Burst | undefined;
  /** The last three closings. */
  readonly #latest: IdleClosing[] = [];
  /** Idle ages that connections survived, from the longest, which is the oldest, to the shortest. */
  readonly #survivals: Survival[] = [];

  closed(closure: IdleClosing): void {
    if (this.#latest.length === 3) this.#latest.shift();
    this.#latest.push(closure);
    const { atMs, idleMs, lateMs } = closure;
    if (idleMs < SHORTEST_TIMEOUT_MS) return;
    const burst = this.#burst;
    if (burst === undefined || atMs - burst.lastMs > BURST_MS || atMs - idleMs >= burst.first.atMs) {
      this.#burst = { first: closure, lastMs: atMs, ages: [idleMs] };
      if (this.#events.some((event) => isSame(event, closure))) return;
      if (this.#events.length === KEPT) this.#events.shift();
      this.#events.push(closure);
      return;
    }
    burst.lastMs = atMs;
    const isKnownAge = burst.ages.some((age) => Math.abs(age - idleMs) <= tolerance(idleMs) + lateMs);
    if (isKnownAge || burst.ages.length === MANY) return;
    burst.ages.push(idleMs);
    if (this.#events.at(-1) === burst.first) this.#events.pop();
  }

  /** The connections closed since then were not closed by an idle timeout. */
  retract(sinceMs: number): void {
    for (const kept of [this.#events, this.#latest]) {
      const first = kept.findIndex(({ atMs }) => atMs >= sinceMs);
      if (first >= 0) kept.splice(first);
    }
  }

  /** A reuse succeeded at this idle age, or our own pool closed a connection that was still alive: a lower bound. */
  survived(atMs: number, idleMs: number): void {
    if (idleMs < SHORTEST_TIMEOUT_MS) return;
    const survivals = this.#survivals;
    while ((survivals.at(-1)?.idleMs ?? Number.POSITIVE_INFINITY) <= idleMs) survivals.pop();
    if (survivals.length === KEPT) {
      if ((survivals[0]?.atMs ?? 0) < atMs - HOUR_MS) survivals.shift();
      else survivals.pop();
    }
    survivals.push({ atMs, idleMs });
  }

  /** The longest idle age that a connection survived since then; 0 if none did. */
  survivedSince(atMs: number): number {
    return this.#survivals.find((survival) => survival.atMs >= atMs)?.idleMs ?? 0;
  }

  /** The idle timeout, if the closings agree. */
  observed(): ObservedTimeout | undefined {
    return estimateTimeout(this.#events, (sinceMs) => this.survivedSince(sinceMs));
  }

  /** The number of requests after which the peer retires connections, if it repeats while the idle age does not. */
  get recycleCount(): number | undefined {
    const last = this.#last();
    const uses = last[0]?.uses;
    return uses !== undefined && uses >= 2 && last.every((closure) => closure.uses === uses) ? uses : undefined;
  }

  /** The age at which the peer retires connections, if it repeats while the idle age does not. */
  get recycleAgeMs(): number | undefined {
    const ages = this.#last().map(({ ageMs }) => ageMs ?? Number.NaN);
    const low = Math.min(...ages);
    const high = Math.max(...ages);
    return ages.length > 0 && low >= SHORTEST_TIMEOUT_MS && high - low <= Math.max(50, low * 0.02) ? low : undefined;
  }

  /** The last three closings, if no idle timeout explains their idle ages. */
  #last(): readonly IdleClosing[] {
    const last = this.#latest;
    const ages = last.map(({ idleMs }) => idleMs);
    const low = Math.min(...ages);
    const high = Math.max(...ages);
    const isVaried = high < SHORTEST_TIMEOUT_MS || high > 2 * low + 200 || isAgeLimit(last);
    return last.length === 3 && isVaried ? last : [];
  }
}

/**
 * The idle age is close to that of an earlier closing, and the connection was already idle at that time: it shows
 * nothing new. A slow restart closes such connections one after the other, at ages that look alike.
 */
function isSame(event: IdleClosing, { atMs, idleMs, lateMs }: IdleClosing): boolean {
  return isExact(event) && atMs - idleMs < event.atMs && Math.abs(event.idleMs - idleMs) <= tolerance(idleMs) + lateMs;
}
