import type { HttpSpan } from '../read/http-span';
import { entryOf } from './names';

/** The smallest and the largest value seen, in ms. */
export interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Settings of a client are few; a hostile source may have many. */
const MOST_POOLS = 20;

/** Whether the peer's idle timeout was shorter than that of a pool: the latest that was known, and when. */
interface Mismatch {
  is: boolean | undefined;
  atMs: number;
}

/** The idle timeouts between one service and one host. */
export interface Timeouts {
  readonly service: string;
  readonly host: string;
  /** The client's; 0 = none. */
  client: Range | undefined;
  announced: Range | undefined;
  observed: Range | undefined;
  /** A service may have several pools, and processes of several configurations: by library and idle timeout. */
  readonly mismatches: Map<string, Mismatch>;
  nearMisses: number;
}

export function newTimeouts(service: string, host: string): Timeouts {
  return {
    service,
    host,
    client: undefined,
    announced: undefined,
    observed: undefined,
    mismatches: new Map(),
    nearMisses: 0,
  };
}

export function learnTimeouts(into: Timeouts, { connection, library, endMs }: HttpSpan): void {
  const { clientTimeoutMs, peerTimeoutMs, peerTimeoutSource, timeoutMismatch, nearMiss } = connection;
  into.client = widened(into.client, clientTimeoutMs);
  if (peerTimeoutSource === 'announced') into.announced = widened(into.announced, peerTimeoutMs);
  if (peerTimeoutSource === 'observed') into.observed = widened(into.observed, peerTimeoutMs);
  if (nearMiss) into.nearMisses += 1;
  if (timeoutMismatch === undefined) return;
  const pool = `${library ?? ''} ${clientTimeoutMs ?? ''}`;
  const known = entryOf(into.mismatches, pool, MOST_POOLS, () => ({ is: undefined, atMs: Number.NEGATIVE_INFINITY }));
  // Sources differ in their order.
  if (endMs < known.atMs) return;
  known.is = timeoutMismatch;
  known.atMs = Number.isNaN(endMs) ? known.atMs : endMs;
}

export function widened(range: Range | undefined, ms: number | undefined): Range | undefined {
  if (ms === undefined) return range;
  if (range === undefined) return { fromMs: ms, toMs: ms };
  return ms < range.fromMs || ms > range.toMs
    ? { fromMs: Math.min(ms, range.fromMs), toMs: Math.max(ms, range.toMs) }
    : range;
}
