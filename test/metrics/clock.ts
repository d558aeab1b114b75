import { performance } from 'node:perf_hooks';

/** A clock for the whole process that stands still unless it is moved: idle ages and lifetimes can be told exactly. */
export interface StillClock {
  readonly now: () => number;
  move(ms: number): void;
  /** Time runs again. */
  release(): void;
}

/** Stops the monotonic and the wall clock together: apart from each other they would tell of a suspended machine. */
export function stopClock(): StillClock {
  const [monotonic, wall] = [performance.now, Date.now];
  const [startMs, wallMs] = [Math.ceil(performance.now()), Date.now()];
  let nowMs = startMs;
  performance.now = () => nowMs;
  Date.now = () => wallMs + nowMs - startMs;
  return {
    now: () => nowMs,
    move(ms) {
      nowMs += ms;
    },
    release() {
      performance.now = monotonic;
      Date.now = wall;
    },
  };
}
