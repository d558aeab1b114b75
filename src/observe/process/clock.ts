import { performance } from 'node:perf_hooks';
import { SHORTEST_TIMEOUT_MS } from '../../peer/idle/idle-timeout';

// Captured when this module loads, so that a test library that fakes clocks later does not affect it.
const { nodeTiming } = performance;

/** `process.nextTick`: a test library that fakes it neither sees our calls nor delays them. */
export const { nextTick } = process;
/** The same for `queueMicrotask`. */
export const microtask = queueMicrotask;

/** Monotonic, ms. Stops while the machine or the process is suspended. */
export const now: () => number = nativeClock() ?? performance.now.bind(performance);

/** The wall clock, ms. It is sometimes adjusted, so it is displayed but never learned from. */
export const { now: wallNow } = Date;

/**
 * The function of Node behind `performance.now`, without its checks, which cost more than it does; undefined where
 * another library has replaced the clock.
 */
function nativeClock(): (() => number) | undefined {
  if (Object.hasOwn(performance, 'now')) return undefined;
  const native = Object.getOwnPropertyDescriptor(nodeTiming, 'duration')?.get;
  const sinceMs: unknown = native?.();
  const isSame = typeof sinceMs === 'number' && Math.abs(performance.now() - sinceMs) < 1_000;
  return isSame ? (native as () => number) : undefined;
}

/** The last look at both clocks before the event loop last waited, and the latest one. */
let earlier = { atMs: 0, loopIdleMs: 0 };
let latest = { atMs: 0, loopIdleMs: 0 };

/**
 * How long the event loop has waited for events since it started, ms: elapsed time less our own work. Each call is a
 * look at both clocks, at `nowMs`.
 */
export function loopIdleMs(nowMs = now()): number {
  const loopIdleNowMs = nodeTiming.idleTime;
  if (loopIdleNowMs !== latest.loopIdleMs) {
    const look = earlier;
    earlier = latest;
    latest = look;
    look.loopIdleMs = loopIdleNowMs;
  }
  latest.atMs = nowMs;
  return loopIdleNowMs;
}

/** An event loop that was looked at so recently cannot have waited for longer since then. */
const RECENTLY_MS = 1;

/** Whether both were so close together that the event loop can have waited no time that counts in between. */
export function isAtOnce(sinceMs: number, nowMs: number): boolean {
  return nowMs - sinceMs < RECENTLY_MS;
}

/**
 * `loopIdleMs`, at most a millisecond old and too low by no more than that: for what need not be exact, because a look
 * at the event loop is expensive.
 */
export function recentLoopIdleMs(nowMs: number): number {
  return isAtOnce(latest.atMs, nowMs) ? latest.loopIdleMs : loopIdleMs(nowMs);
}

/** How often the event loop has polled; undefined before Node 20.18. */
function pollCount(): number | undefined {
  return nodeTiming.uvMetricsInfo?.loopCount;
}

/** A process that seems to have been busy for longer may poll often, and never wait. */
const LONG_BUSY_MS = 50;

/**
 * How often the event loop has polled by the first write on a connection that was idle for `idleMs`, which later shows
 * whether it was blocked. Read only where needed: it is expensive, and a connection in steady use is not stale.
 */
export function pollsAtWrite(idleMs: number | undefined, busyForMs: number): number | undefined {
  return busyForMs > LONG_BUSY_MS && (idleMs ?? 0) >= SHORTEST_TIMEOUT_MS ? pollCount() : undefined;
}

/** How often the event loop has polled since its count was `before`; undefined if either is unknown. */
export function pollsSince(before: number | undefined): number | undefined {
  if (before === undefined) return undefined;
  const polls = pollCount();
  return polls === undefined ? undefined : polls - before;
}

/**
 * An upper bound of how long this process has been busy since it last waited. What it sees now happened no earlier than
 * that, because each poll of the event loop takes everything that has happened so far.
 */
export function blindForMs(nowMs = now(), loopIdleNowMs = loopIdleMs(nowMs)): number {
  return nowMs - earlier.atMs - (loopIdleNowMs - earlier.loopIdleMs);
}
