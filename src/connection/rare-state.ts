import type { Closing } from './closing';

/** State recorded on few exchanges. The defaults are on the prototype, so that a healthy exchange is a small object. */
export class RareState {
  /** Tracing is suppressed (an exporter's own request): the connection is tracked, but nothing is reported. */
  declare silent: boolean;
  /** The request waited in the pool's queue. */
  declare queued: boolean;
  /** Time in the queue, ms: until a connection was free or being created for it. */
  declare queueMs: number | undefined;
  /** `idleMs` on the monotonic clock, which may be learned from; undefined if it is the same. */
  declare awakeIdleMs: number | undefined;
  declare serverTimeoutMs: number | undefined;
  /** The peer announced such a short idle timeout that this client does not pool the connection. */
  declare isTooShortToPool: boolean;
  /** The connection was already closed when the request acquired it: the closing, if it was observed. */
  declare dead: Closing | 'unseen' | undefined;
  /**
   * Other requests share the connection at the same time (HTTP/2): bytes cannot be attributed, so what was sent is
   * unknown.
   */
  declare multiplexed: boolean;
  /** An earlier attempt by the client itself, on another connection, wrote this request. */
  declare wroteBefore: boolean;
  /** The kernel refused the first write immediately: no byte of this request can have been sent. */
  declare firstWriteFailed: boolean;
  /** The longest time between two writes of the request. */
  declare longestGapMs: number;
  /** The bytes read when the socket's timer fired and the program listened, if nothing was received since. */
  declare timedOutAtRead: number | undefined;
  /** When that timer fired. */
  declare timedOutMs: number | undefined;
  /** The asynchronous execution in which it fired. */
  declare timedOutIn: number | undefined;
  /** How often the event loop had polled by the first write, on an idle connection of a busy process. */
  declare pollsAtWrite: number | undefined;
  /** When the program finished reading the response, if nothing else shows when the connection was released. */
  declare endedMs: number | undefined;
  declare endedWallMs: number | undefined;
}

Object.assign(RareState.prototype, {
  silent: false,
  queued: false,
  queueMs: undefined,
  awakeIdleMs: undefined,
  serverTimeoutMs: undefined,
  isTooShortToPool: false,
  dead: undefined,
  multiplexed: false,
  wroteBefore: false,
  firstWriteFailed: false,
  longestGapMs: 0,
  timedOutAtRead: undefined,
  timedOutMs: undefined,
  timedOutIn: undefined,
  pollsAtWrite: undefined,
  endedMs: undefined,
  endedWallMs: undefined,
} satisfies Partial<RareState>);
