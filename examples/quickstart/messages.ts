import type { Advice } from '../../src/verdict/advice/advice';

/** The messages between the processes of the demo. */

/** How the client application is set up; `fixed`: with the package, and with its advice applied. */
export interface Setup {
  /** Also the first part of the path of every request, so that an upstream knows which application sent it. */
  readonly mode: 'without' | 'with' | 'fixed';
  readonly ports: Readonly<Record<string, number>>;
  /** The file for its spans, as OTLP in JSON lines. */
  readonly spansFile?: string;
  /** What to play, by their ids, in this order. */
  readonly scenarios: readonly string[];
  /** Idle timeout of the client's agent; absent: none, as in `new http.Agent({ keepAlive: true })`. */
  readonly idleTimeoutMs?: number;
  /** How long the client waits for a report. */
  readonly reportTimeoutMs: number;
}

/** A span of a request, as it was exported. `call` is its path without the mode: every request has its own. */
export interface SeenSpan {
  readonly call: string;
  readonly method: string;
  readonly status: 'UNSET' | 'OK' | 'ERROR';
  readonly exception?: string;
  /** The three values of the explanation. */
  readonly advice?: Advice;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** How a request ended for the application, after all its attempts. */
export interface Outcome {
  readonly call: string;
  readonly method: string;
  readonly host: string;
  readonly attempts: number;
  readonly error?: string;
}

export interface AppMessage {
  readonly span?: SeenSpan;
  readonly outcome?: Outcome;
  /** The scenario that has been played. */
  readonly played?: string;
  /**
   * The application blocks its event loop until the upstreams have finished with the connections that carried these
   * calls.
   */
  readonly blockedUntil?: readonly string[];
  /** The collector at `OTEL_EXPORTER_OTLP_ENDPOINT` did not accept the spans. */
  readonly problem?: string;
  readonly done?: true;
}

/** What an upstream really did with a connection: the truth against which verdicts are checked. */
export type Action =
  | 'idle-fin'
  | 'idle-rst'
  | 'retired'
  | 'killed'
  | 'aborted'
  | 'cut-at-limit'
  | 'gave-up-waiting'
  | 'forgotten'
  | 'dropped'
  | 'dropped-unseen'
  | 'spoke-smtp'
  | 'kept-waiting'
  | 'answered'
  | 'left-by-client';

/** As an upstream reports it. */
export interface ReportedAction {
  readonly action: Action;
  /** The path of the last request that the upstream read from the connection. */
  readonly call: string;
  /** The client's port. */
  readonly port: number | undefined;
}

export interface ConnectionAction extends ReportedAction {
  /** The upstream that reports it. */
  readonly host: string;
}

export interface UpstreamMessage {
  readonly listening?: number;
  /** It no longer listens, and has requests in flight. */
  readonly stopped?: true;
  readonly action?: ReportedAction;
}
