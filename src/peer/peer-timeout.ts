import { tolerance } from './idle/estimate-timeout';

/** Where a peer's idle timeout was learned: its `Keep-Alive` response header, or its own closings and our reuses. */
export type PeerTimeoutSource = 'announced' | 'observed';

/** The peer's idle timeout, and how it is known. */
export interface PeerTimeout {
  readonly ms: number;
  readonly source: PeerTimeoutSource;
  /** The idle timeout that a client should set for this one (`advisedTimeoutMs`). */
  readonly advisedMs: number;
  /** How many idle closings agree on an observed timeout; 0 for an announced one. */
  readonly closures: number;
  /** How far apart the idle ages of these closings are. */
  readonly spreadMs: number;
}

/** Stands for the idle timeout of a connection on which the peer has answered, and announced none. */
export const NOT_ANNOUNCED = 0;

/** No peer that announces an idle timeout lets connections live longer than this. */
export function grantMs(announcedMs: number): number {
  return announcedMs + Math.max(2_000, announcedMs / 4);
}

/** No connection that the peer closes at this idle timeout is idle for longer than this. */
export function latestMs({ ms, source, spreadMs }: PeerTimeout): number {
  return source === 'announced' ? grantMs(ms) : ms + tolerance(ms) + spreadMs;
}
