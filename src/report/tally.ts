import type { CloseInitiator } from '../connection/closing';
import type { Connection } from '../connection/connection';
import type { Origin } from '../peer/origin';
import type { FailureCause, FailureKind, SocketFailure } from '../verdict/failure';

interface FailureCount {
  readonly kind: FailureKind;
  readonly cause: FailureCause;
  /** Undefined where failures on fresh and on reused connections are not distinguished. */
  readonly reused: boolean | undefined;
  count: number;
}

interface CloseCount {
  readonly state: 'active' | 'idle';
  readonly initiator: CloseInitiator;
  count: number;
}

/**
 * The failures worth an alert. They are counted from 0 for every origin, so that the first one is seen as an increase.
 */
const WATCHED: readonly (readonly [FailureKind, FailureCause, reused: boolean])[] = [
  ['closed', 'stale_keepalive', true],
  ['reset', 'stale_keepalive', true],
  ['reset', 'idle_expired', true],
  ['closed', 'peer_restart', true],
  ['closed', 'peer_restart', false],
  ['closed', 'peer_aborted', true],
  ['reset', 'peer_aborted', true],
  ['truncated', 'peer_aborted', true],
  ['closed', 'response_timeout', true],
  ['closed', 'rejected', false],
  ['reset', 'rejected', false],
  ['refused', 'not_listening', false],
  ['timed_out', 'connect_timeout', false],
  ['dns', 'name_not_resolved', false],
  ['local_timeout', 'client_timeout', true],
];
/**
 * Other combinations of one origin that get their own count when they first happen; later ones are counted as `other`,
 * `unknown`. 15 + 1 + 3, for 100 origins and `_OTHER`, stays below the 2000 series that an SDK keeps per instrument.
 */
const UNWATCHED = 3;
const STATES = ['active', 'idle'] as const;
const INITIATORS = ['remote', 'local', 'unknown'] as const;
/** An origin's pools are not always open, so the idle timeouts of recently closed connections also count. */
const LATELY_MS = 300_000;

/**
 * How many idle ages are kept until the SDK gets them: recording each one singly would cost more than everything else
 * here.
 */
const MOST_PENDING = 64;

/** The host of the tally that is shared by all origins without one of their own. */
export const OTHER = '_OTHER';

/** The counts for one host and port since the process started. Counts never decrease. Constant memory. */
export class Tally {
  readonly host: string;
  readonly port: number | undefined;
  /** The origin at that host and port; undefined if several share the tally, such as Unix sockets. */
  origin: Origin | undefined;
  #isShared = false;
  nearMisses = 0;
  /** The idle ages, in ms, of reuses that succeeded and that the SDK has not received yet: the first `pending` of them. */
  readonly idleAges = new Float64Array(MOST_PENDING);
  pending = 0;
  readonly closes: readonly CloseCount[] = STATES.flatMap((state) =>
    INITIATORS.map((initiator) => ({ state, initiator, count: 0 })),
  );
  /** Open connections, and the longest idle timeout among them, as of the last `Tallies.measure`. */
  active = 0;
  idle = 0;
  openTimeoutMs: number | undefined;
  /** The longest idle timeout of closed connections: since `#sinceMs`, and in the period before that. */
  #closedTimeoutMs: number | undefined;
  #earlierTimeoutMs: number | undefined;
  #sinceMs = 0;
  readonly #failures: FailureCount[] = WATCHED.map(([kind, cause, reused]) => ({ kind, cause, reused, count: 0 }));
  readonly #rest: FailureCount = { kind: 'other', cause: 'unknown', reused: undefined, count: 0 };

  constructor(host: string, port: number | undefined) {
    this.host = host;
    this.port = port;
    this.#failures.push(this.#rest);
  }

  get failures(): readonly FailureCount[] {
    return this.#failures;
  }

  /**
   * The longest idle timeout that this process applies to its connections; 0 = none. Undefined before the first
   * release.
   */
  get clientTimeoutMs(): number | undefined {
    return longer(this.openTimeoutMs, longer(this.#closedTimeoutMs, this.#earlierTimeoutMs));
  }

  /** Also counts for this origin. A forgotten one may return as another object. */
  share(origin: Origin): void {
    this.#isShared ||= this.origin !== undefined && this.origin.key !== origin.key;
    this.origin = this.#isShared ? undefined : origin;
  }

  /** A reuse succeeded at this idle age. Returns true if the pending idle ages are due to be passed on. */
  reused(idleMs: number): boolean {
    this.idleAges[this.pending] = idleMs;
    this.pending += 1;
    return this.pending === MOST_PENDING;
  }

  failed({ kind = 'other', cause = 'unknown' }: SocketFailure, reused: boolean): void {
    const known = this.#failures.find((f) => f.kind === kind && f.cause === cause && f.reused === reused);
    if (known !== undefined) known.count += 1;
    else if (this.#failures.length > WATCHED.length + UNWATCHED) this.#rest.count += 1;
    else this.#failures.push({ kind, cause, reused, count: 1 });
  }

  closed({ closing, clientTimeoutMs }: Connection, wasIdle: boolean): void {
    const state = wasIdle ? 'idle' : 'active';
    const initiator = closing?.initiator ?? 'unknown';
    for (const close of this.closes) if (close.state === state && close.initiator === initiator) close.count += 1;
    if (clientTimeoutMs === undefined || closing === undefined) return;
    const periodMs = closing.atMs - this.#sinceMs;
    if (periodMs > LATELY_MS) {
      this.#sinceMs = closing.atMs;
      this.#earlierTimeoutMs = periodMs > 2 * LATELY_MS ? undefined : this.#closedTimeoutMs;
      this.#closedTimeoutMs = undefined;
    }
    this.#closedTimeoutMs = longer(this.#closedTimeoutMs, clientTimeoutMs);
  }
}

/**
 * The tallies of this process, created on first use; the process state shares them among all copies of this package.
 */
export function talliesIn(state: { metricTables: unknown }): Tallies {
  state.metricTables ??= new Tallies();
  return state.metricTables as Tallies;
}

/** The tallies of all origins: first come, first served, never removed. Origins that find no room share one. */
export class Tallies {
  readonly #byPlace = new Map<string, Tally>();
  readonly #byOrigin = new WeakMap<Origin, Tally>();
  #shared: Tally | undefined;

  /**
   * The tally of an origin; a new one if there are fewer than `maxOrigins`. A host without a name gets none of its own.
   */
  of(origin: Origin, maxOrigins: number): Tally {
    const known = this.#byOrigin.get(origin);
    if (known !== undefined) return known;
    const place = `${origin.host} ${origin.port}`;
    let tally = this.#byPlace.get(place);
    if (tally === undefined && this.#byPlace.size < maxOrigins && origin.host !== '') {
      tally = new Tally(origin.host, origin.port);
      this.#byPlace.set(place, tally);
    }
    tally?.share(origin);
    tally ??= this.#rest;
    this.#byOrigin.set(origin, tally);
    return tally;
  }

  /**
   * The tally of an origin to which this process has no connection. Tallies are meant for origins it connects to: a
   * name that does not resolve gets none, and one where nobody answers gets one only while half of them are free.
   */
  ofUnconnected(origin: Origin, maxOrigins: number, isResolved: boolean): Tally {
    const place = `${origin.host} ${origin.port}`;
    if (this.#byOrigin.has(origin) || this.#byPlace.has(place)) return this.of(origin, maxOrigins);
    return isResolved && this.#byPlace.size < maxOrigins / 2 ? this.of(origin, maxOrigins) : this.#rest;
  }

  get #rest(): Tally {
    this.#shared ??= new Tally(OTHER, undefined);
    return this.#shared;
  }

  /** All tallies, after counting the currently open connections. */
  measure(open: Iterable<Connection>, maxOrigins: number): readonly Tally[] {
    for (const tally of this.all()) {
      tally.active = 0;
      tally.idle = 0;
      tally.openTimeoutMs = undefined;
    }
    for (const { origin, isIdle, clientTimeoutMs: ms } of open) {
      if (origin === undefined) continue;
      const tally = this.of(origin, maxOrigins);
      if (isIdle) tally.idle += 1;
      else tally.active += 1;
      tally.openTimeoutMs = longer(tally.openTimeoutMs, ms);
    }
    return this.all();
  }

  /** All tallies. */
  all(): readonly Tally[] {
    return [...this.#byPlace.values(), ...(this.#shared === undefined ? [] : [this.#shared])];
  }
}

/** The longer of two idle timeouts, where 0 is none and undefined is unknown. */
function longer(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a === 0 || b === 0 ? 0 : Math.max(a, b);
}
