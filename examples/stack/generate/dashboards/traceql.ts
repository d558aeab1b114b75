import { CHOSEN_IN_TEMPO } from './variables';

/** The TraceQL of the dashboards. `tempo/traceql.md` has the same questions, without the dashboard's variables. */

/** Without this, Tempo returns the first traces that it finds, whatever their age. */
const NEWEST = 'with (most_recent=true)';

export const failedSpans = `{ ${CHOSEN_IN_TEMPO} && span.socket.failure.kind != nil } | select(span.server.address, span.server.port, span.socket.failure.cause, span.socket.failure.confidence, span.socket.reused, span.socket.idle_ms, span.socket.failure.retry_safe, span.socket.failure.explanation) ${NEWEST}`;

export const nearMissSpans = `{ ${CHOSEN_IN_TEMPO} && span.socket.near_miss = true } | select(span.server.address, span.server.port, span.socket.idle_ms, span.socket.peer_timeout_ms, span.socket.client_timeout_ms) ${NEWEST}`;

export const queuedSpans = `{ ${CHOSEN_IN_TEMPO} && span.socket.queue_ms > 0 } | select(span.server.address, span.server.port, span.socket.queue_ms, span.socket.reused) ${NEWEST}`;

/** Time series for each peer, in milliseconds. Tempo's quantiles ignore the values 0 and 1. */
const ofPeers = (attribute: string, values: (name: string) => string) =>
  `{ ${CHOSEN_IN_TEMPO} && span.${attribute} != nil } | ${values(`span.${attribute}`)} by (span.server.address)`;

export const queueTimes = ofPeers('socket.queue_ms', (name) => `quantile_over_time(${name}, 0.5, 0.99)`);
export const slowestConnects = ofPeers('socket.connect_ms', (name) => `max_over_time(${name})`);
