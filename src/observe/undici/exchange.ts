import type { Connection } from '../../connection/connection';
import type { IdleTimeoutSetting } from '../../connection/idle-timeout-setting';
import type { PoolLimits } from '../../connection/pool-limits';
import { ObservedExchange } from '../process/observed-exchange';
import type { ObservedSocket } from '../process/socket/socket';
import type { AttemptProgress } from './attempt-progress';
import { dispatcherSetting } from './dispatcher-setting';
import { headerOf } from './headers';
import { type RequestOrigin, requestOriginOf } from './request-origin';

/** undici's request, as its diagnostics channels publish it: undici 6, 7 and 8 agree on these members. */
export interface UndiciRequest {
  readonly method: string;
  readonly origin: unknown;
  /** Names and values, alternating; a single string in undici 5. */
  readonly headers: unknown;
  readonly aborted?: boolean;
}

/** An exchange of undici or `fetch`, with the request that it belongs to. */
export class UndiciExchange extends ObservedExchange {
  declare readonly request: UndiciRequest;
  declare readonly url: RequestOrigin | undefined;
  /** How far the current attempt got on its socket; undefined before `undici:client:sendHeaders`. */
  declare attempt: AttemptProgress | undefined;
  /** undici has taken the whole body. */
  declare bodySent: boolean;
  /** The client began to connect for this request, so it has its own connection. */
  declare hasOwnConnect: boolean;
  /** An earlier attempt sent the whole request. */
  declare sentBefore: boolean;
  /** The request is written to a stream that is not a socket, where it is not observed. */
  declare foreign: boolean;
  /** An interim answer arrived, so the peer saw the request. */
  declare interim: boolean;
  /** The answer is a redirect: a program that follows it has what it asked for, and may discard the body. */
  declare isRedirect: boolean;

  constructor(request: UndiciRequest, nowMs: number) {
    super('client', request.method, nowMs);
    const url = requestOriginOf(request.origin);
    this.request = request;
    this.url = url;
    this.origin = url?.origin;
    this.attempt = undefined;
    this.bodySent = false;
  }

  override get setting(): IdleTimeoutSetting {
    return dispatcherSetting(this.connection);
  }

  override get pool(): PoolLimits {
    return { setting: 'connections', connections: undefined, timeoutMs: undefined };
  }

  get host(): string {
    return this.url?.host ?? '';
  }

  get socket(): ObservedSocket | undefined {
    return this.attempt?.socket;
  }

  override end(): void {
    super.end();
    const own = this as Record<'request' | 'url', unknown>;
    own.request = undefined;
    own.url = undefined;
    this.attempt?.end();
  }

  /** undici repeats the request on another connection: what was sent before stays sent. */
  startOver(): void {
    if (this.foreign || (this.attempt !== undefined && !this.attempt.isUnsent(this))) this.wroteBefore = true;
    if (this.attempt?.isFull(this)) this.sentBefore = true;
    if (this.hasOwnConnect) this.hasOwnConnect = false;
    this.attempt = undefined;
    this.foreign = false;
    this.writes = 0;
    this.firstWriteMs = undefined;
    this.firstWriteFailed = false;
    this.bodySent = false;
    this.connection = undefined;
    this.acquiredMs = undefined;
    this.reuseCount = undefined;
    this.reused = undefined;
    this.idleMs = undefined;
    this.awakeIdleMs = undefined;
    this.ageMs = undefined;
    this.dead = undefined;
  }

  /**
   * Called at the first acquire: records whether the request waited for an existing connection, not for a new one.
   * `idleMs`: for how long nobody had held the connection; undefined if it had not been released.
   */
  noteQueue(connection: Connection, nowMs: number, idleMs: number | undefined): void {
    const { createdMs, hasOwnConnect, origin } = this;
    const madeLater = connection.createdMs - createdMs;
    if (idleMs !== undefined) {
      if (nowMs - idleMs > createdMs) this.queueMs = Math.max(0, nowMs - createdMs);
    } else if (madeLater >= 1 && (origin?.freedMs ?? 0) > createdMs && !hasOwnConnect) this.queueMs = madeLater;
  }

  /** A header of the request. */
  getHeader(name: string): string | undefined {
    return headerOf(this.request.headers, name);
  }
}

// Rarely set: the defaults live on the prototype, as those of RareState do.
Object.assign(UndiciExchange.prototype, {
  hasOwnConnect: false,
  sentBefore: false,
  foreign: false,
  interim: false,
  isRedirect: false,
} satisfies Partial<UndiciExchange>);
