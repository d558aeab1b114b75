import type { PeerTimeoutSource } from '../peer/peer-timeout';

/**
 * What one request knew about its connection. A snapshot: it does not change when the connection is used again. Each
 * field means the same as the attribute of that name (`idleMs`: `socket.idle_ms`), and is absent where that is absent.
 */
export interface ConnectionFacts {
  readonly id?: number;
  readonly reuseCount?: number;
  /** Known even without a count for a connection that is older than the instrumentation. */
  readonly reused?: boolean;
  readonly idleMs?: number;
  readonly ageMs?: number;
  readonly queueMs?: number;
  readonly dnsMs?: number;
  readonly connectMs?: number;
  readonly tlsMs?: number;
  readonly clientTimeoutMs?: number;
  readonly peerTimeoutMs?: number;
  readonly peerTimeoutSource?: PeerTimeoutSource;
  readonly timeoutMismatch?: boolean;
  readonly nearMiss?: true;
  readonly serverTimeoutMs?: number;
  readonly localAddress?: string;
  readonly localPort?: number;
  readonly peerAddress?: string;
  readonly peerPort?: number;
}
