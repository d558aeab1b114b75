import type { Span } from '@opentelemetry/api';
import type { InstrumentationConfig } from '@opentelemetry/instrumentation';
import type { ReportedFailure } from './verdict/failure';

export type { ConnectionFacts } from './connection/facts';
export type { PeerTimeoutSource } from './peer/peer-timeout';
export type {
  CauseList,
  FailureCause,
  FailureConfidence,
  FailureInitiator,
  FailureKind,
  FailurePhase,
  FailureSent,
  ReportedFailure,
  SocketFailure,
} from './verdict/failure';

/** Options of `SocketInstrumentation`, all optional. What is unknown or out of range is reported once and ignored. */
export interface SocketInstrumentationConfig extends InstrumentationConfig {
  /** `node:http` and `node:https` clients. Default true. */
  httpClient?: boolean;
  /** `node:http` and `node:https` servers. Default true. */
  httpServer?: boolean;
  /** undici and `fetch`. Default true. */
  undici?: boolean;
  /** The metrics of client connections. Default true. */
  metrics?: boolean;
  /**
   * `essential` (default): a healthy span gets at most five attributes on a reused connection; the others come with a
   * failure or a near miss, a timeout mismatch with the first span of each connection. `full`: all attributes on every span.
   */
  detail?: 'essential' | 'full';
  /** Origins that get metric series of their own; the rest share `_OTHER`. 1 to 1000, default 100. */
  maxOrigins?: number;
  /**
   * Runs once a failure, on recording spans, after the attributes were set and before the span ends where that is
   * possible. An exception that it throws is reported through `diag` and goes no further.
   */
  failureHook?: (span: Span, failure: ReportedFailure) => void;
}
