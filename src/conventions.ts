/**
 * Names of the semantic conventions that this package sets. They belong to `@opentelemetry/semantic-conventions`, and
 * are not exported here.
 */

/** Semantic conventions; set if the span lacks them. */
export const ATTR_NETWORK_LOCAL_ADDRESS = 'network.local.address';
export const ATTR_NETWORK_LOCAL_PORT = 'network.local.port';
export const ATTR_NETWORK_PEER_ADDRESS = 'network.peer.address';
export const ATTR_NETWORK_PEER_PORT = 'network.peer.port';
/** Host of the origin; `_OTHER` beyond `maxOrigins` origins. */
export const ATTR_SERVER_ADDRESS = 'server.address';
/** Port of the origin (int). Absent on `_OTHER`. */
export const ATTR_SERVER_PORT = 'server.port';
/** Semantic conventions: `active` or `idle`. */
export const ATTR_HTTP_CONNECTION_STATE = 'http.connection.state';
/** Connections that are open now (observable up-down counter, `{connection}`). */
export const METRIC_HTTP_CLIENT_OPEN_CONNECTIONS = 'http.client.open_connections';
/** From established to closed, at the close (histogram, s). Not for connections older than the instrumentation. */
export const METRIC_HTTP_CLIENT_CONNECTION_DURATION = 'http.client.connection.duration';
