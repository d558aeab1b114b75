import type { ConnectionFacts } from '../connection/facts';

/** Where the exchange stood. On server spans: `request` while the request arrives, `wait` until the response begins. */
export type FailurePhase = 'queue' | 'dns' | 'connect' | 'proxy' | 'tls' | 'request' | 'wait' | 'response';

/** The transport fact. */
export type FailureKind =
  | 'refused'
  | 'unreachable'
  | 'dns'
  | 'tls'
  | 'timed_out'
  | 'reset'
  | 'closed'
  | 'broken_pipe'
  | 'truncated'
  | 'protocol'
  | 'local_timeout'
  | 'local_abort'
  | 'local_close'
  | 'local_resource'
  | 'other';

/** The most likely cause. */
export type FailureCause =
  | 'stale_keepalive'
  | 'idle_expired'
  | 'recycled'
  | 'peer_restart'
  | 'response_timeout'
  | 'rejected'
  | 'not_listening'
  | 'unreachable'
  | 'name_not_resolved'
  | 'tls_failed'
  | 'protocol_mismatch'
  | 'connect_timeout'
  | 'client_timeout'
  | 'client_cancelled'
  | 'pool_closed'
  | 'local_resource'
  | 'client_gone'
  | 'unknown';

/** `certain` is only for proof. */
export type FailureConfidence = 'certain' | 'likely' | 'possible';

export type FailureInitiator = 'remote' | 'local' | 'unknown';

/**
 * What left: `none` is proved (no byte of this request reached the kernel); `received`: at least one byte came back.
 */
export type FailureSent = 'none' | 'partial' | 'full' | 'received';

/**
 * The verdict on one failed exchange. Read-only; a field is absent only where several requests failed with one and the
 * same error object and do not agree on it, or (`sent`, `retrySafe`) on the server side.
 */
export interface SocketFailure {
  readonly kind?: FailureKind;
  readonly phase?: FailurePhase;
  readonly cause?: FailureCause;
  readonly confidence?: FailureConfidence;
  readonly initiator?: FailureInitiator;
  readonly sent?: FailureSent;
  /** Acquire → failure, whole ms; request created → failure if there was no connection. */
  readonly elapsedMs?: number;
  /** May this request be sent again without harm to the server's state? The body is the caller's business. */
  readonly retrySafe?: boolean;
  /** One or two sentences for a person. */
  readonly explanation?: string;
  /** The connection that carried the request. */
  readonly connection?: ConnectionFacts;
}
