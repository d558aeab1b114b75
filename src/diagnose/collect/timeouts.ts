import type { HttpSpan } from '../read/http-span';

/** The smallest and the largest value seen, in ms. */
export interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The idle timeouts between one service and one host. */
export interface Timeouts {
  readonly service: string;
  readonly host: string;
  /** The client's; 0 = none. */
  client: Range | undefined;
  announced: Range | undefined;
  observed: Range | undefined;
  /** The latest that was known, and when. */
  mismatch: boolean | undefined;
  mismatchMs: number;
  nearMisses: number;
}

export function newTimeouts(service: string, host: string): Timeouts {
  return {
    service,
    host,
    client: undefined,
    announced: undefined,
    observed: undefined,
    mismatch: undefined,
    mismatchMs: Number.NEGATIVE_INFINITY,
    nearMisses: 0,
  };
}

export function learnTimeouts(into: Timeouts, { connection, endMs }: HttpSpan): void {
  const { clientTimeoutMs, peerTimeoutMs, peerTimeoutSource, timeoutMismatch, nearMiss } = connection;
  into.client = widened(into.client, clientTimeoutMs);
  if (peerTimeoutSource === 'announced') into.announced = widened(into.announced, peerTimeoutMs);
  if (peerTimeoutSource === 'observed') into.observed = widened(into.observed, peerTimeoutMs);
  // Sources differ in their order.
  if (timeoutMismatch !== undefined && !(endMs < into.mismatchMs)) {
    into.mismatch = timeoutMismatch;
    into.mismatchMs = Number.isNaN(endMs) ? into.mismatchMs : endMs;
  }
  if (nearMiss) into.nearMisses += 1;
}

export function widened(range: Range | undefined, ms: number | undefined): Range | undefined {
  if (ms === undefined) return range;
  if (range === undefined) return { fromMs: ms, toMs: ms };
  return ms < range.fromMs || ms > range.toMs
    ? { fromMs: Math.min(ms, range.fromMs), toMs: Math.max(ms, range.toMs) }
    : range;
}
