import { CHOSEN_IN_TEMPO } from './variables';

/** TraceQL of the dashboards. `traceql.md` has the same questions, without the dashboard's variables. */

export const failedSpans = `{ ${CHOSEN_IN_TEMPO} && span.socket.failure.kind != nil } | select(span.server.address, span.server.port, span.socket.failure.cause, span.socket.failure.confidence, span.socket.reused, span.socket.idle_ms, span.socket.failure.retry_safe, span.socket.failure.explanation)`;

export const nearMissSpans = `{ ${CHOSEN_IN_TEMPO} && span.socket.near_miss = true } | select(span.server.address, span.server.port, span.socket.idle_ms, span.socket.peer_timeout_ms, span.socket.client_timeout_ms)`;

export const queuedSpans = `{ ${CHOSEN_IN_TEMPO} && span.socket.queue_ms > 0 } | select(span.server.address, span.server.port, span.socket.queue_ms, span.socket.reused)`;

/** A course of quantiles for each peer, in milliseconds. */
export const quantiles = (attribute: string) =>
  `{ ${CHOSEN_IN_TEMPO} && span.${attribute} != nil } | quantile_over_time(span.${attribute}, 0.5, 0.99) by (span.server.address)`;
