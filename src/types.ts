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

/**
 * Options of `SocketInstrumentation`, all optional. Unknown options and values out of range are reported once and
 * ignored.
 */
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
   * `essential` (default): a healthy span gets at most five attributes on a reused connection, a sixth if it waited in
   * the pool's queue; the others are set with a failure or a near miss, and the idle timeouts on the first span of each
   * connection if they mismatch. `full`: all attributes on every span.
   */
  detail?: 'essential' | 'full';
  /** Number of origins that get their own metric series; the others share `_OTHER`. 1 to 1000, default 100. */
  maxOrigins?: number;
  /**
   * Runs once per failure, on recording spans, after the attributes were set and, where possible, before the span ends.
   * An exception that it throws is reported through `diag` and not passed on.
   */
  failureHook?: (span: Span, failure: ReportedFailure) => void;
}
