import { performance } from 'node:perf_hooks';

// Captured when this module loads: a test library that fakes clocks later does not reach them.
const { nodeTiming } = performance;
const monotonic = performance.now.bind(performance);
const wall = Date.now.bind(Date);

/** Monotonic, ms. Stands still while the machine or the process is suspended. */
export function now(): number {
  return monotonic();
}

/** The wall clock, ms. It is stepped at times: what it says is shown, and never learned from. */
export function wallNow(): number {
  return wall();
}

/** The last two looks at the loop with a wait between them. */
let earlier = { atMs: 0, waitedMs: 0 };
let latest = { atMs: 0, waitedMs: 0 };

/** Time for which the event loop has waited for events since it started, ms: what is left when our own work is taken away. */
export function loopIdleMs(): number {
  const waitedMs = nodeTiming.idleTime;
  if (waitedMs !== latest.waitedMs) {
    const look = earlier;
    earlier = latest;
    latest = look;
    look.atMs = now();
    look.waitedMs = waitedMs;
  }
  return waitedMs;
}

/**
 * How long this process was busy since it last waited, and somewhat longer: what it sees now happened no earlier than
 * that, because the loop takes all that has happened when it looks.
 */
export function busyMs(): number {
  const waitedMs = loopIdleMs();
  return now() - earlier.atMs - (waitedMs - earlier.waitedMs);
}
