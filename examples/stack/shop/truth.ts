/**
 * What this process did, in plain counts that are independent of telemetry. The dashboards can be compared with them.
 */

export type CountedEvent = 'sent' | 'answered' | 'failed' | 'timed-out' | 'seen' | 'cut' | 'killed' | 'restarts';
/** By call, e.g. `POST payments/charges`. */
export type Truth = Readonly<Record<string, Readonly<Partial<Record<CountedEvent, number>>>>>;

const counts: Record<string, Partial<Record<CountedEvent, number>>> = {};

export function count(event: CountedEvent, call: string, times = 1): void {
  counts[call] ??= {};
  counts[call][event] = (counts[call][event] ?? 0) + times;
}

export function truth(): Truth {
  return counts;
}
