/** What a connection knows about the exchange that holds it. */
export interface CurrentExchange {
  readonly silent: boolean;
  readonly writes: number;
  firstWriteFailed: boolean;
  longestGapMs: number;
  timedOutAtRead: number | undefined;
  timedOutMs: number | undefined;
  /** The asynchronous execution in which the socket's timer fired. */
  timedOutIn: number | undefined;
  readonly acquiredMs: number | undefined;
  readonly idleMs: number | undefined;
  readonly loopIdleAtAcquireMs: number | undefined;
  readonly endedMs: number | undefined;
  readonly endedWallMs: number | undefined;
  readonly reporter: object | undefined;
  /** The program destroyed the request or its response. */
  readonly isDestroyed?: boolean;
  wrote(nowMs: number, loopIdleNowMs: number, blindAtWriteMs?: number, polls?: number): void;
  secured(nowMs: number, loopIdleNowMs: number): void;
}
