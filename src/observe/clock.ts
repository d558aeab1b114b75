import { performance } from 'node:perf_hooks';

const { nodeTiming } = performance;

/** Monotonic, ms. Stands still while the machine or the process is suspended. */
export function now(): number {
  return performance.now();
}

/** Time for which the event loop has waited for events since it started, ms: what is left when our own work is taken away. */
export function waited(): number {
  return nodeTiming.idleTime;
}
