import type { Attributes, BatchObservableResult } from '@opentelemetry/api';
import * as conventions from '../conventions';
import type { PeerTimeoutSource } from '../peer/peer-timeout';
import * as names from '../semconv';
import type { Instruments } from './metric-instruments';
import { OTHER, type Tally } from './tally';

/** The attributes of one tally's series, created once. */
export interface Series {
  readonly server: Attributes;
  readonly ok: Attributes;
  readonly failed: Attributes;
  /** The sources from which the peer's idle timeout has been known so far. */
  readonly sources: Set<PeerTimeoutSource>;
}

const seriesOfTally = new WeakMap<Tally, Series>();

export function seriesOf(tally: Tally): Series {
  let series = seriesOfTally.get(tally);
  if (series === undefined) {
    const server: Attributes = { [conventions.ATTR_SERVER_ADDRESS]: tally.host };
    if (tally.port !== undefined) server[conventions.ATTR_SERVER_PORT] = tally.port;
    const ok = { ...server, [names.ATTR_SOCKET_OUTCOME]: 'ok' };
    const failed = { ...server, [names.ATTR_SOCKET_OUTCOME]: 'failed' };
    series = { server, ok, failed, sources: new Set() };
    seriesOfTally.set(tally, series);
  }
  return series;
}

/** Passes one tally to the SDK. Every count is observed, including zeros. */
export function observeTally(result: BatchObservableResult, instruments: Instruments, tally: Tally): void {
  const { server } = seriesOf(tally);
  for (const state of ['active', 'idle'] as const) {
    result.observe(instruments.openConnections, tally[state], {
      ...server,
      [conventions.ATTR_HTTP_CONNECTION_STATE]: state,
    });
  }
  for (const { kind, cause, reused, count } of tally.failures) {
    const attributes: Attributes = {
      ...server,
      [names.ATTR_SOCKET_FAILURE_KIND]: kind,
      [names.ATTR_SOCKET_FAILURE_CAUSE]: cause,
    };
    if (reused !== undefined) attributes[names.ATTR_SOCKET_REUSED] = reused;
    result.observe(instruments.failures, count, attributes);
  }
  result.observe(instruments.nearMisses, tally.nearMisses, server);
  for (const { state, initiator, count } of tally.closes) {
    const how = { ...server, [conventions.ATTR_HTTP_CONNECTION_STATE]: state };
    result.observe(instruments.closes, count, { ...how, [names.ATTR_SOCKET_CLOSE_INITIATOR]: initiator });
  }
  observeTimeouts(result, instruments, tally);
}

/**
 * Idle timeouts in seconds. `_OTHER` gets none, because it would mix those of many origins. The SDK repeats the last
 * value of a series that is no longer observed, so a peer's idle timeout that proved wrong, or that only one of several
 * origins had, is observed as 0.
 */
function observeTimeouts(result: BatchObservableResult, instruments: Instruments, tally: Tally): void {
  const { origin, clientTimeoutMs } = tally;
  if (tally.host === OTHER) return;
  const { server, sources } = seriesOf(tally);
  const timeouts = { announced: origin?.announcedMs(), observed: origin?.observedTimeout()?.ms };
  for (const source of ['announced', 'observed'] as const) {
    const ms = timeouts[source];
    if (ms !== undefined) sources.add(source);
    const attributes = { ...server, [names.ATTR_SOCKET_PEER_TIMEOUT_SOURCE]: source };
    if (sources.has(source)) result.observe(instruments.peerTimeout, (ms ?? 0) / 1_000, attributes);
  }
  if (clientTimeoutMs !== undefined) result.observe(instruments.clientTimeout, clientTimeoutMs / 1_000, server);
}
