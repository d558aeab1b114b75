import type { ConnectionFacts } from '../connection/facts';

export const FAILURE_PHASES = ['queue', 'dns', 'connect', 'proxy', 'tls', 'request', 'wait', 'response'] as const;

/**
 * How far the exchange had got when it failed.
 *
 * - `queue`: the request waited for a connection of the pool.
 * - `dns`: the name was being resolved.
 * - `connect`: the TCP connection was being made.
 * - `proxy`: the proxy's tunnel was being made.
 * - `tls`: the TLS handshake was not finished.
 * - `request`: the request was being sent (server spans: it was arriving).
 * - `wait`: the whole request was sent, and no byte of the response had arrived (server spans: the handler was running).
 * - `response`: some bytes of the final response had arrived. An interim answer (1xx) is not a response.
 */
export type FailurePhase = (typeof FAILURE_PHASES)[number];

export const FAILURE_KINDS = [
  'refused',
  'unreachable',
  'dns',
  'tls',
  'timed_out',
  'reset',
  'closed',
  'broken_pipe',
  'truncated',
  'protocol',
  'local_timeout',
  'local_abort',
  'local_close',
  'local_resource',
  'other',
] as const;

/**
 * The transport fact: what happened, not why.
 *
 * - `refused`: the connect was answered with a RST or an ICMP port unreachable, or the Unix socket does not exist.
 * - `unreachable`: the network says that the address cannot be reached.
 * - `dns`: the name was not resolved.
 * - `tls`: the TLS session failed, in its handshake or later.
 * - `timed_out`: connecting took too long, or the kernel gave the connection up.
 * - `reset`: the peer, or something on the way, sent a RST.
 * - `closed`: the connection was closed before the response began, by a FIN or in a way that nobody saw.
 * - `broken_pipe`: a write came after the peer had closed.
 * - `truncated`: the connection ended (FIN or RST) inside the response.
 * - `protocol`: bytes that do not parse as HTTP.
 * - `local_timeout`: a deadline of this process passed.
 * - `local_abort`: this process aborted the request.
 * - `local_close`: this process closed the connection; its agent or dispatcher was destroyed.
 * - `local_resource`: the operating system of this machine refused (`EMFILE`, `EADDRNOTAVAIL`, `EACCES`, ...).
 * - `other`: none of these; the explanation names the error's code.
 */
export type FailureKind = (typeof FAILURE_KINDS)[number];

export const FAILURE_CAUSES = [
  'stale_keepalive',
  'idle_expired',
  'recycled',
  'peer_restart',
  'peer_aborted',
  'response_timeout',
  'request_incomplete',
  'rejected',
  'not_listening',
  'unreachable',
  'name_not_resolved',
  'tls_failed',
  'protocol_mismatch',
  'connect_timeout',
  'client_timeout',
  'client_cancelled',
  'pool_closed',
  'local_resource',
  'client_gone',
  'unknown',
] as const;

/**
 * The most likely cause.
 *
 * - `stale_keepalive`: the peer closed the pooled connection before it could see this request.
 * - `idle_expired`: the path (NAT, load balancer, firewall) forgot the idle connection.
 * - `recycled`: the peer retires connections after a number of requests or at an age, not for idleness.
 * - `peer_restart`: the peer's process or host went away with the request in flight.
 * - `peer_aborted`: the peer, or a proxy before it, ended this exchange while working on it, and nothing shows why.
 * - `response_timeout`: the peer, or a proxy before it, cut the request at a time limit.
 * - `request_incomplete`: this process never finished the request.
 * - `rejected`: the peer dropped the request on purpose (a limiter, a body limit, a firewall).
 * - `not_listening`: nothing accepts connections at that address and port.
 * - `unreachable`: the network says so: there is no route to the address, its machine is down, or a firewall refuses.
 * - `name_not_resolved`: the name has no address, or its resolver failed.
 * - `tls_failed`: the TLS session could not be made, or broke.
 * - `protocol_mismatch`: the port does not speak HTTP/1.1.
 * - `connect_timeout`: no connection was made in time.
 * - `client_timeout`: a deadline of this process passed.
 * - `client_cancelled`: this process cancelled the request.
 * - `pool_closed`: this process closed the pool or the pooled connection.
 * - `local_resource`: a limit, a permission or a setting of this machine or process.
 * - `client_gone`: server spans only: the client closed or reset before the response was complete.
 * - `unknown`: evidence is missing or contradictory.
 */
export type FailureCause = (typeof FAILURE_CAUSES)[number];

export const FAILURE_CONFIDENCES = ['certain', 'likely', 'possible'] as const;

/**
 * How sure the cause is.
 *
 * - `certain`: proved.
 * - `likely`: the evidence supports this cause and contradicts its rivals.
 * - `possible`: a lead to check.
 */
export type FailureConfidence = (typeof FAILURE_CONFIDENCES)[number];

/**
 * Who ended the exchange.
 *
 * - `remote`: the peer, or something on the way to it.
 * - `local`: this process, as observed.
 * - `unknown`: nothing shows who.
 */
export type FailureInitiator = 'remote' | 'local' | 'unknown';

/**
 * How much of the request was sent.
 *
 * - `none`: proved that no byte of this request reached the kernel.
 * - `partial`: possibly some of it; as far as is known, not all of it.
 * - `full`: all of it, including the whole body that `Content-Length` announces.
 * - `received`: at least one byte of the final response came back.
 */
export type FailureSent = 'none' | 'partial' | 'full' | 'received';

/**
 * The verdict on one failed exchange. Read-only. A field is absent if several requests failed with the same error object
 * and do not agree on it (`connection`: always then), if it is unknown or does not apply (`sent`, `retrySafe`), or if the
 * error that was caught may stand for more than this request (`explanation`).
 */
export interface SocketFailure {
  /** The transport fact. */
  readonly kind?: FailureKind;
  /** How far the exchange had got. */
  readonly phase?: FailurePhase;
  /** The most likely cause. */
  readonly cause?: FailureCause;
  /** How sure the cause is. */
  readonly confidence?: FailureConfidence;
  /** Who ended the exchange. */
  readonly initiator?: FailureInitiator;
  /**
   * How much of the request was sent. Absent on the server side and where there was no real socket; on HTTP/2 it is
   * `none`, `received` or absent.
   */
  readonly sent?: FailureSent;
  /** From the acquire to the failure, whole ms; from the request's creation if there was no connection. */
  readonly elapsedMs?: number;
  /**
   * Sending this request again does not harm the server's state. It means *safe*, not *useful*: see `RETRY_POINTLESS`.
   * It does not cover other requests of the same call: a library that follows redirects or repeats by itself may have
   * sent some before. False on an error that may also stand for other requests: that of an aborted signal, and what the
   * program or a timer ended a request with. Whether the body can be produced again, or a half-read response discarded,
   * is up to the caller. Absent on the server side.
   */
  readonly retrySafe?: boolean;
  /** Three sentences for a person: what happened, what to change, and whether to retry. */
  readonly explanation?: string;
  /** The connection that carried the request. */
  readonly connection?: ConnectionFacts;
}

/** The verdict on one request, as passed to `failureHook`: fields that are always present are required here. */
export interface ReportedFailure extends SocketFailure {
  readonly kind: FailureKind;
  readonly phase: FailurePhase;
  readonly cause: FailureCause;
  readonly confidence: FailureConfidence;
  readonly initiator: FailureInitiator;
  readonly elapsedMs: number;
  readonly explanation: string;
  readonly connection: ConnectionFacts;
}

/** A list of causes that accepts the cause of any verdict, including an absent one. */
export interface CauseList extends ReadonlyArray<FailureCause> {
  includes(cause: FailureCause | undefined, fromIndex?: number): boolean;
}

/** Causes for which the same request would fail the same way: a retry may be safe, but is useless. */
export const RETRY_POINTLESS: CauseList = [
  'tls_failed',
  'protocol_mismatch',
  'local_resource',
  'request_incomplete',
  'client_cancelled',
];
