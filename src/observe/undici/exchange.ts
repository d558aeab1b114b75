import type { Connection } from '../../connection/connection';
import type { IdleTimeoutSetting } from '../../connection/idle-timeout-setting';
import type { PoolLimits } from '../../connection/pool-limits';
import { KEEP_ALIVE_TIMEOUT } from '../../verdict/advice/idle-timeout-settings';
import { ObservedExchange } from '../process/observed-exchange';
import type { ObservedSocket } from '../process/socket/socket';
import { AttemptProgress } from './attempt-progress';
import { headerOf } from './headers';
import { isHttp2 } from './protocols';
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
  readonly request: UndiciRequest;
  readonly url: RequestOrigin | undefined;
  /** How far the current attempt got on its socket; undefined before `undici:client:sendHeaders`. */
  attempt: AttemptProgress | undefined;
  /** undici has taken the whole body. */
  bodySent = false;
  /** An earlier attempt sent the whole request. */
  declare sentBefore: boolean;
  /** It is being written on a stream that is not a socket: what happens to it there is not observed. */
  declare foreign: boolean;
  /** An interim answer arrived, so the peer saw the request. */
  declare interim: boolean;
  /** The answer is a redirect: a program that follows it has what it asked for, and may discard the body. */
  declare isRedirect: boolean;

  constructor(request: UndiciRequest, nowMs: number) {
    super('client', request.method, nowMs);
    this.request = request;
    this.url = requestOriginOf(request.origin);
    this.origin = this.url?.origin;
  }

  override get setting(): IdleTimeoutSetting {
    return KEEP_ALIVE_TIMEOUT;
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

  /** The program has taken over the connection: a tunnel or an upgrade. */
  get isTakenOver(): boolean {
    return this.method === 'CONNECT' || this.statusCode === 101;
  }

  /** undici repeats the request on another connection: what was sent before stays sent. */
  startOver(): void {
    if (this.foreign || (this.attempt !== undefined && !this.attempt.isUnsent(this))) this.wroteBefore = true;
    if (this.attempt?.isFull(this)) this.sentBefore = true;
    this.attempt = undefined;
    this.foreign = false;
    this.queued = false;
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

  /** Called before the acquire: records whether the request waited for an existing connection, not for a new one. */
  noteQueue(connection: Connection, nowMs: number, wallMs: number): void {
    const idleMs = connection.idleMs(nowMs, wallMs);
    const madeLater = connection.createdMs - this.createdMs;
    if (idleMs !== undefined) this.queued = nowMs - idleMs > this.createdMs;
    else if (madeLater >= 1 && (this.origin?.freedMs ?? 0) > this.createdMs) this.queueMs = madeLater;
  }

  /** The headers, `head`, are about to be written on this socket. */
  onSocket(socket: ObservedSocket, head: unknown): void {
    const isMultiplexed = isHttp2(socket);
    if (isMultiplexed !== this.multiplexed) this.multiplexed = isMultiplexed;
    this.attempt = new AttemptProgress(socket, this.request, head, this.multiplexed);
  }

  /** A header of the request. */
  getHeader(name: string): string | undefined {
    return headerOf(this.request.headers, name);
  }
}

// Rare, like RareFacts.
Object.assign(UndiciExchange.prototype, {
  sentBefore: false,
  foreign: false,
  interim: false,
  isRedirect: false,
} satisfies Partial<UndiciExchange>);
