/** Where a peer's idle limit was learned: its `Keep-Alive` response header, or its own closings and our reuses. */
export type PeerTimeoutSource = 'announced' | 'observed';

/**
 * What one request knew about its connection. A snapshot: it does not change when the connection is used again.
 * Durations are whole milliseconds; a field that is absent is unknown or does not apply.
 */
export interface ConnectionFacts {
  /** Number of the connection, unique in its thread; absent if the request never got one. */
  readonly id?: number;
  /** Requests that the connection carried before this one (a write was attempted for them); 0 on a fresh connection. */
  readonly reuseCount?: number;
  /** `reuseCount > 0`; also known, without a count, for a connection that is older than the instrumentation. */
  readonly reused?: boolean;
  /** Last release → this acquire; reused connections only. */
  readonly idleMs?: number;
  /** Connected (secure if TLS) → this acquire; absent on a connection that was still connecting. */
  readonly ageMs?: number;
  /** Time in the agent's queue; absent if the request did not wait there. */
  readonly queueMs?: number;
  /** Name resolution of this connection; fresh connections only. */
  readonly dnsMs?: number;
  /** TCP connect of this connection; fresh connections only. */
  readonly connectMs?: number;
  /** TLS handshake of this connection; fresh connections only. */
  readonly tlsMs?: number;
  /** Idle limit that this process's pool applies to the connection; 0 = none. */
  readonly clientTimeoutMs?: number;
  /** Idle limit of the peer, the smaller of announced and observed. */
  readonly peerTimeoutMs?: number;
  readonly peerTimeoutSource?: PeerTimeoutSource;
  /** The client keeps idle connections as long as the peer or longer; absent if the peer's limit is unknown. */
  readonly timeoutMismatch?: boolean;
  /** Only ever true: the reuse went well although the idle age was above the advised limit. */
  readonly nearMiss?: true;
  /** Server side: the `keepAliveTimeout` in force; 0 = none. */
  readonly serverTimeoutMs?: number;
  readonly localAddress?: string;
  readonly localPort?: number;
  readonly peerAddress?: string;
  readonly peerPort?: number;
}

const BUCKETS = [
  [1_000, '<1s'],
  [4_000, '1-4s'],
  [6_000, '4-6s'],
  [15_000, '6-15s'],
  [60_000, '15-60s'],
  [120_000, '60-120s'],
  [350_000, '120-350s'],
] as const;

/** The idle age as one of eight strings, for backends that find tags by exact match only. */
export function idleBucket(idleMs: number): string {
  for (const [below, name] of BUCKETS) if (idleMs < below) return name;
  return '>350s';
}

/**
 * The idle limit a client should set below a peer's limit of `peerTimeoutMs`: the limit less a margin of 10 %, at least
 * 1 s, at most 5 s, never more than half of the limit. Near misses are measured against the same number, so that
 * following the advice ends them.
 */
export function advisedLimitMs(peerTimeoutMs: number): number {
  const margin = Math.min(Math.max(peerTimeoutMs * 0.1, 1_000), 5_000, peerTimeoutMs / 2);
  return Math.round(peerTimeoutMs - margin);
}

/** Whether a client limit (0 = none) lets idle connections live as long as the peer does, or longer. */
export function isMismatch(clientTimeoutMs: number, peerTimeoutMs: number): boolean {
  return clientTimeoutMs === 0 || clientTimeoutMs >= peerTimeoutMs;
}
