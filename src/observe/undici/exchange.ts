import type { Connection } from '../../connection/connection';
import type { IdleTimeoutSetting } from '../../connection/idle-timeout-setting';
import type { PoolLimits } from '../../connection/pool-limits';
import { KEEP_ALIVE_TIMEOUT } from '../../verdict/advice/idle-timeout-settings';
import type { Progress } from '../../verdict/evidence/evidence';
import { isFlushed } from '../process/flushed';
import { ObservedExchange } from '../process/observed-exchange';
import type { ObservedSocket } from '../process/socket';

/** undici's request, as its diagnostics channels hand it out: those of undici 6, 7 and 8 agree on these members. */
export interface UndiciRequest {
  readonly method: string;
  readonly origin: unknown;
  /** Names and values, alternating; undici 5 has one string. */
  readonly headers: unknown;
  readonly aborted?: boolean;
}

/** An exchange of undici or `fetch`, with the request that it belongs to. */
export class UndiciExchange extends ObservedExchange {
  readonly request: UndiciRequest;
  readonly url: URL | undefined;
  socket: ObservedSocket | undefined;
  /** The client has written all of the request. */
  bodySent = false;
  /** The response is complete: what happens later is no failure of this exchange. */
  complete = false;
  /** Counted when the socket was destroyed; later the socket cannot tell. */
  progress: Progress | undefined;

  constructor(request: UndiciRequest, nowMs: number) {
    super('client', request.method, nowMs);
    this.request = request;
    this.url = urlOf(request.origin);
  }

  override get setting(): IdleTimeoutSetting {
    return KEEP_ALIVE_TIMEOUT;
  }

  override get pool(): PoolLimits {
    return { setting: 'connections', connections: undefined, timeoutMs: undefined };
  }

  get host(): string {
    return (this.url?.hostname ?? '').replace(/^\[|\]$/g, '');
  }

  /** Port of the origin. */
  get port(): number | undefined {
    if (this.url === undefined) return undefined;
    const { port, protocol } = this.url;
    return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
  }

  /** The program has the connection now: a tunnel or an upgrade. */
  get isTakenOver(): boolean {
    return this.method === 'CONNECT' || this.statusCode === 101;
  }

  /** undici repeats the request on another connection: what was sent before stays sent. */
  startOver(): void {
    this.wroteBefore ||= this.writes > 0;
    this.queued = false;
    this.writes = 0;
    this.firstWriteMs = undefined;
    this.firstWriteFailed = false;
    this.bodySent = false;
    this.progress = undefined;
    this.connection = undefined;
  }

  /** Called before the acquire: did the request wait for a connection, other than for one to be made? */
  noteQueue(connection: Connection, nowMs: number, wallMs: number): void {
    const idleMs = connection.idleMs(nowMs, wallMs);
    const madeLater = connection.createdMs - this.createdMs;
    if (idleMs !== undefined) this.queued = nowMs - idleMs > this.createdMs;
    else if (madeLater >= 1 && (this.origin?.freedMs ?? 0) > this.createdMs) this.queueMs = madeLater;
  }

  onSocket(socket: ObservedSocket): void {
    this.socket = socket;
    this.multiplexed = isHttp2(socket);
    this.dispatchedAtAcquire = socket._bytesDispatched ?? 0;
    this.readAtAcquire = socket.bytesRead;
  }

  /** A header of the request. */
  getHeader(name: string): string | undefined {
    return headerOf(this.request.headers, name);
  }

  /** How far the exchange has come on its socket. */
  get progressNow(): Progress {
    const { socket } = this;
    const received = this.answered ? 1 : 0;
    if (this.multiplexed) return { dispatched: 1, received, complete: this.bodySent };
    if (socket === undefined) return { dispatched: 0, received: 0, complete: false };
    return {
      dispatched: (socket._bytesDispatched ?? 0) - this.dispatchedAtAcquire,
      received: Math.max(received, socket.bytesRead - this.readAtAcquire),
      complete: this.bodySent && isFlushed(socket),
    };
  }
}

export function isHttp2(socket: ObservedSocket): boolean {
  return (socket as { readonly alpnProtocol?: unknown }).alpnProtocol === 'h2';
}

/** The origin as a URL; undefined if it is none, which ends the request before it begins. */
function urlOf(origin: unknown): URL | undefined {
  if (origin instanceof URL) return origin;
  return typeof origin === 'string' && URL.canParse(origin) ? new URL(origin) : undefined;
}

/** The first header of that name. Copies of undici hand them out as buffers or strings, names and values alternating. */
export function headerOf(headers: unknown, name: string): string | undefined {
  if (!Array.isArray(headers)) return undefined;
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const key: unknown = headers[i];
    const isCandidate = (typeof key === 'string' || Buffer.isBuffer(key)) && key.length === name.length;
    if (isCandidate && key.toString('latin1').toLowerCase() === name) return String(headers[i + 1]);
  }
  return undefined;
}
