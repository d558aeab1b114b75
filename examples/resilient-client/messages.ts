import type { SocketFailure } from 'opentelemetry-instrumentation-socket';

/** What the processes of this example say to each other. */

export const MODES = ['naive', 'fixed'] as const;
export type Mode = (typeof MODES)[number];

/** The argument of a client program. */
export interface Setup {
  readonly client: string;
  readonly mode: Mode;
  readonly port: number;
  /** The peer's log, and what else the two share. */
  readonly folder: string;
}

/** How a call ended, retries and all. */
export interface Outcome {
  readonly call: string;
  readonly method: string;
  /** The message of the error that reached the application; absent if the call succeeded. */
  readonly error?: string;
  /** The verdict on it, if it leads to one. */
  readonly failure?: Pick<SocketFailure, 'cause' | 'confidence'>;
}

export interface AppMessage {
  readonly outcome?: Outcome;
  /** The call whose CLIENT span ended: one span for each attempt. */
  readonly attempt?: string;
  /** The requests that nobody is to accept were sent. */
  readonly refused?: true;
  readonly done?: true;
}

/** A line of the peer's log. */
export interface LogLine {
  /** The call that was executed, whether or not its answer arrived. */
  readonly executed?: string;
  /** How many connections are open since a connection came or went. */
  readonly open?: number;
}
