import type { FailureCause, FailureConfidence, FailureSent } from 'opentelemetry-instrumentation-socket';
import type { Client } from '../client';
import type { Action } from '../messages';

/** The expected result of a request. The demo checks it and never prints it. */
export interface Expected {
  readonly call: string;
  /** Absent: the request succeeds. */
  readonly failure?: ExpectedFailure;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

export interface ExpectedFailure {
  /** What the upstream must have done; absent where none can report: the client itself did it, or no one was there. */
  readonly action?: Action;
  /** Several where the cause depends on what else was seen when the request failed. */
  readonly cause: FailureCause | readonly FailureCause[];
  readonly confidence: readonly FailureConfidence[];
  readonly sent?: FailureSent;
  readonly retrySafe?: boolean;
}

export interface Scenario {
  readonly id: string;
  /** What really happens, in one line. */
  readonly title: string;
  /** The programs to which it talks. */
  readonly upstreams: readonly string[];
  readonly expected: readonly Expected[];
  /** Some verdicts may differ from others although one event ended all requests, and this is why. */
  readonly whyDifferent?: string;
  /** The span without the package has status ERROR; by default if a failure is expected. */
  readonly errorWithout?: boolean;
  /** Runs in the client application. */
  readonly play: (client: Client) => Promise<unknown>;
}
