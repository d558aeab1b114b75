/** Who makes or serves the requests that are measured. */
export const MODES = ['http', 'https', 'fetch', 'undici', 'server', 'proxy'] as const;
export type Mode = (typeof MODES)[number];

/**
 * What runs in the measured process. `bare`: no OpenTelemetry. `peers`: instrumentation-http and -undici. `ours`: this
 * package beside them, with `detail: 'essential'`. `full`: with `detail: 'full'`. The others are parts of it (parts.ts).
 * `#2` behind a name: the same again, as a control.
 */
export type Configuration = string;

/** One measurement: a client or server, and what differs from a sampled run with matching idle timeouts. */
export interface Scenario {
  readonly mode: Mode;
  readonly unsampled?: boolean;
  /** The SDK has a MeterProvider. */
  readonly metrics?: boolean;
  /** The client keeps idle connections longer than the peer announces. */
  readonly mismatch?: boolean;
}

export interface ChildOptions extends Scenario {
  readonly role: 'upstream' | 'load' | 'measured';
  readonly configuration: Configuration;
  /** Of the upstream server; absent in the upstream itself. */
  readonly port?: number;
  readonly warmUp: number;
  readonly concurrency: number;
}

/** CPU time of the measured process, all its threads, and the time that passed, µs. */
export interface Slice {
  readonly cpuUs: number;
  readonly wallUs: number;
}

/** A message of a child: where it listens, or what it measured. */
export interface Answer {
  readonly port?: number;
  readonly cpuUs?: number;
  readonly wallUs?: number | undefined;
  /** Allocated on the JavaScript heap, if no collection ran meanwhile. */
  readonly bytes?: number;
}

export function isServed(mode: Mode): boolean {
  return mode === 'server' || mode === 'proxy';
}
