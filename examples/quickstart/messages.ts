/** What the processes of the demo tell each other. */

/** How the client application is set up; `fixed`: with the package, and with its advice applied. */
export interface Setup {
  readonly mode: 'without' | 'with' | 'fixed';
  readonly ports: Readonly<Record<string, number>>;
  /** Idle limit of the client's agent; absent: none, Node's default for `new http.Agent({ keepAlive: true })`. */
  readonly idleTimeoutMs?: number;
  /** How long the client waits for a report. */
  readonly reportTimeoutMs: number;
}

/** A CLIENT span, as it was exported. `call` is the path of its URL: every request of the demo has its own. */
export interface SeenSpan {
  readonly call: string;
  readonly method: string;
  readonly status: 'UNSET' | 'OK' | 'ERROR';
  readonly exception?: string;
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
  /** The application's event loop is busy until the connections that carried these calls were dealt with. */
  readonly blockedUntil?: readonly string[];
  /** The collector at `OTEL_EXPORTER_OTLP_ENDPOINT` did not take the spans. */
  readonly problem?: string;
  readonly done?: true;
}

/** What an upstream really did to a connection: the truth that verdicts are checked against. */
export type Action =
  | 'idle-fin'
  | 'idle-rst'
  | 'killed'
  | 'forgotten'
  | 'dropped'
  | 'kept-waiting'
  | 'answered'
  | 'left-by-client';

export interface ConnectionAction {
  readonly action: Action;
  /** The last request that it read from the connection. */
  readonly call: string;
  /** The client's port. */
  readonly port: number | undefined;
}

export interface UpstreamMessage {
  readonly listening?: number;
  readonly action?: ConnectionAction;
}
