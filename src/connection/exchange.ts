import { isMismatch } from '../peer/advised-timeout';
import type { Origin } from '../peer/origin';
import { latestMs, NOT_ANNOUNCED, type PeerTimeout } from '../peer/peer-timeout';
import type { Connection } from './connection';
import type { ConnectionFacts } from './facts';
import { type IdleTimeoutSetting, UNKNOWN_SETTING } from './idle-timeout-setting';
import { type Loose, present, whole, wholeTimeout } from './known-values';
import type { PoolLimits } from './pool-limits';
import { RareState } from './rare-state';
import { SUPPRESSED } from './span-handle';

/** How far it got: `answered` when the response headers have arrived (client) or the response was written (server). */
export type Outcome = 'open' | 'answered' | 'failed';

/**
 * One request and its response. The observer records what happens, in the order in which it happens; nothing is
 * computed before it is needed.
 */
export class Exchange extends RareState {
  // Declared here and set in the constructor, because an initializer is one more function to call.
  declare readonly side: 'client' | 'server';
  /** The method of the request, as far as known: the program may change it before it is sent. */
  declare method: string;
  declare readonly createdMs: number;
  /** The span's handle, used only by the report; opaque here. */
  declare span: unknown;
  /** The reporter that found the span; opaque here. */
  declare reporter: object | undefined;
  declare outcome: Outcome;
  /** The response headers were reported as a success; a failure may still follow. */
  declare answered: boolean;
  declare origin: Origin | undefined;
  declare connection: Connection | undefined;
  declare acquiredMs: number | undefined;
  /** How long the event loop had waited in total (`loopIdleMs()`) at the acquire; undefined if nobody looked. */
  declare loopIdleAtAcquireMs: number | undefined;
  /** The number of requests that the connection had carried; undefined if its history is unknown. */
  declare reuseCount: number | undefined;
  declare reused: boolean | undefined;
  declare idleMs: number | undefined;
  declare ageMs: number | undefined;
  declare clientTimeoutMs: number | undefined;
  /** Bytes read on its socket before this exchange acquired it. */
  declare readAtAcquire: number;
  declare writes: number;
  declare firstWriteMs: number | undefined;
  /** How long the event loop had waited in total at the first write (`loopIdleMs()`). */
  declare loopIdleAtWriteMs: number;
  /** At the first write, the longest time without a poll of the event loop: a closing may have arrived meanwhile. */
  declare blindAtWriteMs: number | undefined;
  declare statusCode: number | undefined;

  constructor(side: 'client' | 'server', method: string, createdMs: number) {
    super();
    this.side = side;
    this.method = method;
    this.createdMs = createdMs;
    this.span = undefined;
    this.reporter = undefined;
    this.outcome = 'open';
    this.answered = false;
    this.origin = undefined;
    this.connection = undefined;
    this.acquiredMs = undefined;
    this.loopIdleAtAcquireMs = undefined;
    this.reuseCount = undefined;
    this.reused = undefined;
    this.idleMs = undefined;
    this.ageMs = undefined;
    this.clientTimeoutMs = undefined;
    this.readAtAcquire = 0;
    this.writes = 0;
    this.firstWriteMs = undefined;
    this.loopIdleAtWriteMs = 0;
    this.blindAtWriteMs = undefined;
    this.statusCode = undefined;
  }

  /** The idle timeout setting of the client in use. */
  get setting(): IdleTimeoutSetting {
    return UNKNOWN_SETTING;
  }

  /** What the pool in use allows; undefined if there is none, or if it is unknown. */
  get pool(): PoolLimits | undefined {
    return undefined;
  }

  setSpan(span: unknown, reporter: object): void {
    this.span = span;
    this.reporter = reporter;
    if (span === SUPPRESSED) this.silent = true;
  }

  /** The exchange acquires its connection. The connection's facts are taken now, before it changes hands. */
  acquire(connection: Connection, nowMs: number, wallMs: number, loopIdleNowMs?: number): void {
    // On a second connection: it may have been written on the first.
    if (this.acquiredMs !== undefined) this.wroteBefore = true;
    this.connection = connection;
    this.acquiredMs = nowMs;
    this.loopIdleAtAcquireMs = loopIdleNowMs;
    this.origin ??= connection.origin;
    if (this.queued) this.queueMs ??= Math.max(0, nowMs - this.createdMs);
    this.reuseCount = connection.uses;
    this.reused = connection.uses !== 0;
    if (this.reused) {
      const awakeMs = connection.awakeIdleMs(nowMs);
      this.idleMs = connection.idleMs(nowMs, wallMs, awakeMs);
      if (this.idleMs !== awakeMs) this.awakeIdleMs = awakeMs;
    }
    this.ageMs = connection.ageMs(nowMs);
    this.clientTimeoutMs = connection.clientTimeoutMs;
    connection.acquire(this);
  }

  /** A write is attempted on the connection for this exchange. */
  wrote(nowMs: number, loopIdleNowMs: number, blindAtWriteMs?: number, polls?: number): void {
    this.writes += 1;
    if (this.writes > 1) return;
    this.firstWriteMs = nowMs;
    this.loopIdleAtWriteMs = loopIdleNowMs;
    this.blindAtWriteMs = blindAtWriteMs;
    if (polls !== this.pollsAtWrite) this.pollsAtWrite = polls;
    // Setting up a tunnel is not a use of the connection. A server's use was counted when the request arrived.
    if (this.side === 'client' && this.method !== 'CONNECT') this.connection?.wrote();
  }

  /** The TLS handshake is complete: what was written before it is sent only now. */
  secured(nowMs: number, loopIdleNowMs: number): void {
    if (this.firstWriteMs === undefined) return;
    this.firstWriteMs = nowMs;
    this.loopIdleAtWriteMs = loopIdleNowMs;
  }

  /** How long the event loop has waited since the first write. */
  waitedSinceWriteMs(loopIdleNowMs: number): number {
    return this.firstWriteMs === undefined || loopIdleNowMs < this.loopIdleAtWriteMs
      ? 0
      : loopIdleNowMs - this.loopIdleAtWriteMs;
  }

  /** Learns about the peer from the response headers and when they arrived. */
  learn(announcedMs: number | undefined, nowMs: number, loopIdleNowMs: number): void {
    // A 408 may announce that the connection was idle for too long, so it does not show that the connection survived.
    if (this.statusCode === 408) return;
    const { origin, connection } = this;
    const idleMs = this.reused ? (this.awakeIdleMs ?? this.idleMs) : undefined;
    const waitedMs = this.firstWriteMs === undefined ? undefined : this.waitedSinceWriteMs(loopIdleNowMs);
    if (announcedMs !== undefined) origin?.announced(announcedMs);
    origin?.succeeded(nowMs, idleMs, waitedMs, connection?.announcedMs);
    if (connection !== undefined) connection.announcedMs = announcedMs ?? connection.announcedMs ?? NOT_ANNOUNCED;
  }

  /**
   * The peer's idle timeout, from what it announced on this connection and from its closings. HTTP/2 announces none
   * (RFC 9113 section 8.2.2).
   */
  get peerTimeout(): PeerTimeout | undefined {
    return this.origin?.peerTimeout(this.multiplexed ? NOT_ANNOUNCED : this.connection?.announcedMs);
  }

  /**
   * The connection had been idle for longer than the timeout that is advised for the peer's. An age beyond the timeout
   * that only the wall clock shows does not count: the clock was set.
   */
  isNearMiss(peer: PeerTimeout): boolean {
    if (this.idleMs === undefined || this.idleMs <= peer.advisedMs) return false;
    return this.awakeIdleMs === undefined || this.idleMs <= latestMs(peer);
  }

  /** A snapshot of the facts, with what was learned about the peer so far. */
  facts(succeeded: boolean): ConnectionFacts {
    return present(this.looseFacts(succeeded));
  }

  /** Like `facts`, but unknown fields are undefined, which saves a span that only reads it a second object. */
  looseFacts(succeeded: boolean): Loose<ConnectionFacts> {
    const connection = this.connection?.isEstablished ? this.connection : undefined;
    const reused = connection === undefined ? undefined : this.reused;
    const peer = this.side === 'client' ? this.peerTimeout : undefined;
    const client = this.clientTimeoutMs;
    const fresh = reused === false ? connection : undefined;
    const near = succeeded && peer !== undefined && this.isNearMiss(peer);
    return {
      id: connection?.id,
      reuseCount: connection === undefined ? undefined : this.reuseCount,
      reused,
      idleMs: whole(this.idleMs),
      ageMs: whole(this.ageMs),
      queueMs: whole(this.queueMs),
      dnsMs: whole(reused === true ? undefined : this.connection?.dnsMs),
      connectMs: whole(fresh?.connectMs),
      tlsMs: whole(fresh?.tlsMs),
      clientTimeoutMs: wholeTimeout(client),
      peerTimeoutMs: peer?.ms,
      peerTimeoutSource: peer?.source,
      timeoutMismatch: peer !== undefined && client !== undefined ? isMismatch(client, peer.ms) : undefined,
      nearMiss: near ? true : undefined,
      serverTimeoutMs: wholeTimeout(this.serverTimeoutMs),
      localAddress: connection?.endpoints?.localAddress,
      localPort: connection?.endpoints?.localPort,
      peerAddress: connection?.endpoints?.peerAddress,
      peerPort: connection?.endpoints?.peerPort,
    };
  }
}
