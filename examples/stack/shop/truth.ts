/** What this process did, in plain counts that no telemetry had a part in: what the dashboards can be compared with. */

export type Deed = 'sent' | 'answered' | 'failed' | 'timed-out' | 'seen' | 'cut' | 'killed' | 'restarts';
/** By call, e.g. `POST payments/charges`. */
export type Truth = Readonly<Record<string, Readonly<Partial<Record<Deed, number>>>>>;

const counts: Record<string, Partial<Record<Deed, number>>> = {};

export function did(deed: Deed, call: string, times = 1): void {
  counts[call] ??= {};
  counts[call][deed] = (counts[call][deed] ?? 0) + times;
}

export function truth(): Truth {
  return counts;
}
