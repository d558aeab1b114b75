import { CHOSEN, CHOSEN_SPANS, SERVICE_OF_JOB } from './variables';

/**
 * The PromQL of the dashboards. Counts cover the range that is shown, rounded because `increase` extrapolates to its
 * ends; time series use `$__rate_interval`. Nothing here needs a recording rule.
 */

/** The labels that identify a service and its peer. */
export const PEER = 'job, server_address, server_port';
export const PEER_LEGEND = '{{server_address}}:{{server_port}}';

/** Causes that a wrong idle timeout explains. */
export const IDLE = 'socket_failure_cause=~"stale_keepalive|idle_expired"';
export const ON_REUSED = 'socket_reused="true"';
export const ON_FRESH = 'socket_reused="false"';

/** The vector with the service alone as its job: the links of a row ask for the spans of that service. */
const byService = (vector: string) => `label_replace(${vector}, "job", "\${1}", "job", "${SERVICE_OF_JOB}")`;

const failures = (...matchers: string[]) => `socket_failures_total{${[CHOSEN, ...matchers].join(',')}}`;

export const failed = (by: string, ...matchers: string[]) =>
  `round(sum by (${by}) (${byService(`increase(${failures(...matchers)}[$__range])`)}))`;
export const failedInAll = (...matchers: string[]) => `round(sum(increase(${failures(...matchers)}[$__range])))`;
export const failing = (by: string, ...matchers: string[]) =>
  `sum by (${by}) (rate(${failures(...matchers)}[$__rate_interval]))`;

/** The share of all requests on reused connections, without cancelled ones. */
export const lostOfReusesInAll = `sum(increase(${failures(IDLE)}[$__range])) / sum(increase(socket_idle_seconds_count{${CHOSEN}}[$__range]))`;
export const ofReuses = (by: string, metric: string) =>
  `sum by (${by}) (rate(${metric}[$__rate_interval])) / sum by (${by}) (rate(socket_idle_seconds_count{${CHOSEN}}[$__rate_interval]))`;
export const lostOfReuses = (by: string) => ofReuses(by, failures(IDLE));
export const onReusedOfFailures = `sum(increase(${failures(ON_REUSED)}[$__range])) / sum(increase(${failures()}[$__range]))`;

export const nearMisses = `socket_near_misses_total{${CHOSEN}}`;

/** A quantile of a histogram over time, for each peer. */
export const quantile = (q: number, histogram: string, ...matchers: string[]) =>
  `histogram_quantile(${q}, sum by (le, ${PEER}) (rate(${histogram}_bucket{${[CHOSEN, ...matchers].join(',')}}[$__rate_interval])))`;
export const mean = (histogram: string) =>
  `sum by (${PEER}) (rate(${histogram}_sum{${CHOSEN}}[$__rate_interval])) / sum by (${PEER}) (rate(${histogram}_count{${CHOSEN}}[$__rate_interval]))`;
export const bucketsOf = (histogram: string) => `sum by (le) (rate(${histogram}_bucket{${CHOSEN}}[$__rate_interval]))`;

/** The longest idle timeout of a service's own pools; 0 means none, which is longer than any. */
const client = byService(`socket_client_timeout_seconds{${CHOSEN}}`);
const peer = byService(`socket_peer_timeout_seconds{${CHOSEN}}`);
export const clientTimeout = `max by (${PEER}) (${client}) * min by (${PEER}) (${client} > bool 0)`;
/** The same for a graph: a client without an idle timeout is drawn at one hour, and the label `shown` says so. */
export const clientTimeoutDrawn = [
  `label_replace(max by (${PEER}) (${client} > 0), "shown", "client’s timeout", "", "")`,
  `label_replace(max by (${PEER}) (${client} == 0) + 3600, "shown", "no client timeout", "", "")`,
].join(' or ');
/** The shortest idle timeout of a peer that a service knows. */
export const peerTimeout = `min by (${PEER}) (${peer} > 0)`;
export const peerTimeoutBySource = `min by (${PEER}, socket_peer_timeout_source) (${peer} > 0)`;
/**
 * The advised idle timeout of the client: 10 % below the peer's, at least 1 s and at most 5 s, never below half of it.
 */
export const advisedTimeout = `(${peerTimeout} - clamp(${peerTimeout} * 0.1, 1, 5)) > (${peerTimeout} / 2) or (${peerTimeout} / 2)`;
/** 1 where the client's idle timeout is not below the peer's, else 0; absent where the peer's is unknown. */
export const mismatch = `((${clientTimeout}) == bool 0) + ((${clientTimeout}) >= bool (${peerTimeout})) > bool 0`;

/**
 * The CLIENT spans that the Collector counts. A series begins with its first span, so that rates miss the first of its
 * kind.
 */
export const failedSpans = (...matchers: string[]) =>
  `traces_span_metrics_calls_total{${[CHOSEN_SPANS, ...matchers].join(',')}}`;
