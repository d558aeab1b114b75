import { performance } from 'node:perf_hooks';

/*
 * The package captures both clocks when it is loaded: a test that sets them loads this module before the package, as its
 * first import.
 */
const monotonic = performance.now.bind(performance);
const wall = Date.now.bind(Date);

let stoppedMs: number | undefined;
let aheadMs = 0;

performance.now = () => stoppedMs ?? monotonic();
Date.now = () => (stoppedMs === undefined ? wall() : Math.floor(performance.timeOrigin + stoppedMs)) + aheadMs;

/** Stops the monotonic clock at this time, and the wall clock with it; undefined: both run again. */
export function stopClocksAt(ms: number | undefined): void {
  stoppedMs = ms;
}

/** Sets the wall clock ahead of the monotonic one, as it is after a suspension, and when it is stepped; 0: no longer. */
export function setWallAhead(ms: number): void {
  aheadMs = ms;
}
