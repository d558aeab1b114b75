import { performance } from 'node:perf_hooks';
import { stopClocksAt } from '../support/clocks';

/** A clock for the whole process that stands still unless it is moved: idle ages and lifetimes can be told exactly. */
export interface StillClock {
  readonly now: () => number;
  move(ms: number): void;
  /** Time runs again. */
  release(): void;
}

/** Stops the monotonic and the wall clock together: apart from each other they would tell of a suspended machine. */
export function stopClock(): StillClock {
  let nowMs = Math.ceil(performance.now());
  stopClocksAt(nowMs);
  return {
    now: () => nowMs,
    move(ms) {
      nowMs += ms;
      stopClocksAt(nowMs);
    },
    release: () => stopClocksAt(undefined),
  };
}
