/**
 * The name of every attribute and metric of this package. Durations on spans are whole milliseconds (int). An absent
 * attribute is unknown or does not apply. The unions in brackets list the values.
 */

/** Number of the connection, unique in its thread (int). */
export const ATTR_SOCKET_ID = 'socket.id';
/** Requests that the connection carried before this one; 0 = fresh (int). */
export const ATTR_SOCKET_REUSE_COUNT = 'socket.reuse_count';
/** `socket.reuse_count > 0` (boolean). */
export const ATTR_SOCKET_REUSED = 'socket.reused';
/** From the last release to this acquire, ms. Reused connections only. */
export const ATTR_SOCKET_IDLE_MS = 'socket.idle_ms';
/** `socket.idle_ms` as one of eight strings, `<1s` to `>350s`. */
export const ATTR_SOCKET_IDLE_BUCKET = 'socket.idle_bucket';
/** From connected (secure if TLS; on a server, accepted) to this acquire, ms. Absent while connecting. */
export const ATTR_SOCKET_AGE_MS = 'socket.age_ms';
/** Wait in the pool's queue, ms: until a connection was free or being opened. Absent if there was none. */
export const ATTR_SOCKET_QUEUE_MS = 'socket.queue_ms';
/** Name resolution, ms. Fresh connections only, like the next two. */
export const ATTR_SOCKET_DNS_MS = 'socket.dns_ms';
/** TCP connect, ms. */
export const ATTR_SOCKET_CONNECT_MS = 'socket.connect_ms';
/** TLS handshake, ms. */
export const ATTR_SOCKET_TLS_MS = 'socket.tls_ms';
/** Idle timeout that this process's pool applies to the connection, ms; 0 = none. */
export const ATTR_SOCKET_CLIENT_TIMEOUT_MS = 'socket.client_timeout_ms';
/** Idle timeout of the peer, the smaller of announced and observed, ms. */
export const ATTR_SOCKET_PEER_TIMEOUT_MS = 'socket.peer_timeout_ms';
/** `announced` (Keep-Alive header) or `observed`. */
export const ATTR_SOCKET_PEER_TIMEOUT_SOURCE = 'socket.peer_timeout_source';
/**
 * The client keeps idle connections as long as the peer or longer (boolean). Absent if the peer's idle timeout is
 * unknown.
 */
export const ATTR_SOCKET_TIMEOUT_MISMATCH = 'socket.timeout_mismatch';
/** True if the reuse succeeded although the idle age was above the advised timeout; never false. */
export const ATTR_SOCKET_NEAR_MISS = 'socket.near_miss';
/** Server spans: the `keepAliveTimeout` in force, ms; 0 = none. */
export const ATTR_SOCKET_SERVER_TIMEOUT_MS = 'socket.server_timeout_ms';

/** The transport fact (`FailureKind`). */
export const ATTR_SOCKET_FAILURE_KIND = 'socket.failure.kind';
/** How far the exchange had got (`FailurePhase`). */
export const ATTR_SOCKET_FAILURE_PHASE = 'socket.failure.phase';
/** The most likely cause (`FailureCause`). */
export const ATTR_SOCKET_FAILURE_CAUSE = 'socket.failure.cause';
/** How sure the cause is (`FailureConfidence`): `certain` (proof only), `likely` or `possible`. */
export const ATTR_SOCKET_FAILURE_CONFIDENCE = 'socket.failure.confidence';
/** Who ended it (`FailureInitiator`). */
export const ATTR_SOCKET_FAILURE_INITIATOR = 'socket.failure.initiator';
/** Client spans: how much of the request was sent (`FailureSent`). */
export const ATTR_SOCKET_FAILURE_SENT = 'socket.failure.sent';
/** From the acquire to the failure, ms; from the request's creation if there was no connection. */
export const ATTR_SOCKET_FAILURE_ELAPSED_MS = 'socket.failure.elapsed_ms';
/** Client spans: sending this request again is harmless to the server's state (boolean). */
export const ATTR_SOCKET_FAILURE_RETRY_SAFE = 'socket.failure.retry_safe';
/** Three short sentences for a person: why, with the numbers that show it; what to change; whether to retry. */
export const ATTR_SOCKET_FAILURE_EXPLANATION = 'socket.failure.explanation';

/** `ok` when response headers arrived, `failed` if the reuse failed before; cancelled reuses are neither. */
export const ATTR_SOCKET_OUTCOME = 'socket.outcome';
/** Who closed the connection: `remote`, `local`, `unknown`. */
export const ATTR_SOCKET_CLOSE_INITIATOR = 'socket.close.initiator';

/** Idle age at reuse (histogram, s). */
export const METRIC_SOCKET_IDLE = 'socket.idle';
/**
 * Requests that a connection carried, recorded when it closes (histogram, `{request}`). Not if its beginning was not
 * observed.
 */
export const METRIC_SOCKET_CONNECTION_REQUESTS = 'socket.connection.requests';
/** Failed requests, not cancelled ones (observable counter, `{failure}`). */
export const METRIC_SOCKET_FAILURES = 'socket.failures';
/** Requests that succeeded with `socket.near_miss` (observable counter, `{request}`). */
export const METRIC_SOCKET_NEAR_MISSES = 'socket.near_misses';
/** Closed connections (observable counter, `{connection}`). */
export const METRIC_SOCKET_CLOSES = 'socket.closes';
/** Idle timeout of the peer by source; the smallest above 0 applies (observable gauge, s). Not for `_OTHER`. */
export const METRIC_SOCKET_PEER_TIMEOUT = 'socket.peer_timeout';
/** Idle timeout of this process's pools, the longest; 0 = none (observable gauge, s). Not for `_OTHER`. */
export const METRIC_SOCKET_CLIENT_TIMEOUT = 'socket.client_timeout';
