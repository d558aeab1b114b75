import { performance } from 'node:perf_hooks';

/** A clock for the whole process that stands still unless it is moved: idle ages and lifetimes can be told exactly. */
export interface StillClock {
  readonly now: () => number;
  move(ms: number): void;
  /** Time runs again. */
  release(): void;
}

// The package keeps the clocks that it finds when it is loaded: import this module before it.
const monotonic = performance.now.bind(performance);
const wall = Date.now.bind(Date);
let stopped: { readonly startMs: number; readonly wallMs: number; nowMs: number } | undefined;
performance.now = () => stopped?.nowMs ?? monotonic();
Date.now = () => (stopped === undefined ? wall() : stopped.wallMs + stopped.nowMs - stopped.startMs);

/** Stops the monotonic and the wall clock together: apart from each other they would tell of a suspended machine. */
export function stopClock(): StillClock {
  const startMs = Math.ceil(monotonic());
  const clock = { startMs, wallMs: wall(), nowMs: startMs };
  stopped = clock;
  return {
    now: () => clock.nowMs,
    move(ms) {
      clock.nowMs += ms;
    },
    release() {
      stopped = undefined;
    },
  };
}
