import { CHOSEN, CHOSEN_SPANS } from './variables';

/**
 * PromQL of the dashboards. Counts are over the range that is shown, rounded because `increase` extrapolates to its ends;
 * courses use `$__rate_interval`. Nothing here needs a recording rule.
 */

/** A peer is told by these labels, for one service. */
export const PEER = 'job, server_address, server_port';
export const PEER_LEGEND = '{{server_address}}:{{server_port}}';

/** Causes that an idle limit is to blame for. */
export const IDLE = 'socket_failure_cause=~"stale_keepalive|idle_expired"';
export const ON_REUSED = 'socket_reused="true"';
export const ON_FRESH = 'socket_reused="false"';

const failures = (...matchers: string[]) => `socket_failures_total{${[CHOSEN, ...matchers].join(',')}}`;

export const failed = (by: string, ...matchers: string[]) =>
  `round(sum by (${by}) (increase(${failures(...matchers)}[$__range])))`;
export const failedInAll = (...matchers: string[]) => `round(sum(increase(${failures(...matchers)}[$__range])))`;
export const failing = (by: string, ...matchers: string[]) =>
  `sum by (${by}) (rate(${failures(...matchers)}[$__rate_interval]))`;

/** Of all requests on connections that had been used before, cancelled ones aside. */
export const lostOfReusesInAll = `sum(increase(${failures(IDLE)}[$__range])) / sum(increase(socket_idle_seconds_count{${CHOSEN}}[$__range]))`;
export const ofReuses = (by: string, metric: string) =>
  `sum by (${by}) (rate(${metric}[$__rate_interval])) / sum by (${by}) (rate(socket_idle_seconds_count{${CHOSEN}}[$__rate_interval]))`;
export const lostOfReuses = (by: string) => ofReuses(by, failures(IDLE));
export const onReusedOfFailures = `sum(increase(${failures(ON_REUSED)}[$__range])) / sum(increase(${failures()}[$__range]))`;

export const nearMisses = `socket_near_misses_total{${CHOSEN}}`;

/** A course of a histogram's quantile, for each peer. */
export const quantile = (q: number, histogram: string, ...matchers: string[]) =>
  `histogram_quantile(${q}, sum by (le, ${PEER}) (rate(${histogram}_bucket{${[CHOSEN, ...matchers].join(',')}}[$__rate_interval])))`;
export const mean = (histogram: string) =>
  `sum by (${PEER}) (rate(${histogram}_sum{${CHOSEN}}[$__rate_interval])) / sum by (${PEER}) (rate(${histogram}_count{${CHOSEN}}[$__rate_interval]))`;
export const bucketsOf = (histogram: string) => `sum by (le) (rate(${histogram}_bucket{${CHOSEN}}[$__rate_interval]))`;

/** The longest idle limit of a service's own pools; 0 is none, which is longer than any. */
const client = `socket_client_timeout_seconds{${CHOSEN}}`;
export const clientTimeout = `max by (${PEER}) (${client}) * min by (${PEER}) (${client} > bool 0)`;
/** The same as a line, none drawn at an hour. */
export const clientTimeoutDrawn = `max by (${PEER}) (${client} > 0 or ${client} + 3600)`;
/** The shortest limit that a service knows of a peer. */
export const peerTimeout = `min by (${PEER}) (socket_peer_timeout_seconds{${CHOSEN}} > 0)`;
export const peerTimeoutBySource = `min by (${PEER}, socket_peer_timeout_source) (socket_peer_timeout_seconds{${CHOSEN}} > 0)`;
/** What the client's limit should be: 10 % below the peer's, at least 1 s, at most 5 s, never below half of it. */
export const advisedTimeout = `(${peerTimeout} - clamp(${peerTimeout} * 0.1, 1, 5)) > (${peerTimeout} / 2) or (${peerTimeout} / 2)`;
/** 1 where the client keeps idle connections as long as the peer or longer, else 0; nothing where the peer's is unknown. */
export const mismatch = `((${clientTimeout}) == bool 0) + ((${clientTimeout}) >= bool (${peerTimeout})) > bool 0`;

/** What the Collector counts of CLIENT spans. A series begins with its first span, so the first of its kind is not seen. */
export const failedSpans = (...matchers: string[]) =>
  `traces_span_metrics_calls_total{${[CHOSEN_SPANS, ...matchers].join(',')}}`;
