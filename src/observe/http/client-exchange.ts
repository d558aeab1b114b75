import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Connection } from '../../connection/connection';
import { field } from '../../connection/field';
import type { IdleTimeoutSetting } from '../../connection/idle-timeout-setting';
import type { PoolLimits } from '../../connection/pool-limits';
import type { Origin } from '../../peer/origin';
import type { Origins } from '../../peer/origins';
import { property } from '../../verdict/evidence/error-facts';
import { ObservedExchange } from '../process/observed-exchange';
import { bytesDispatchedOn, dispatchedOn, isNodesOwn, type ObservedSocket } from '../process/socket/socket';
import { agentSetting, poolLimitsOf } from './pool-timeout';

/** Node's request with the members that its types omit. Private ones are read only through `read`. */
export interface ObservedRequest extends ClientRequest {
  readonly agent?: unknown;
  readonly socketPath?: unknown;
}

/** A response with the members that its types omit. */
export interface ObservedResponse extends IncomingMessage {
  readonly req?: ObservedRequest;
  readonly upgrade?: boolean | null;
}

/** Name and port; the name of an IPv6 address is what is inside the brackets. */
const HOST = /^\[?(.+?)]?:(\d+)$/;

/** An exchange of `node:http`, with the request that it belongs to. */
export class HttpExchange extends ObservedExchange {
  /** Keeps V8's shapes of Node's messages alive, as `ended` does for exchanges, so that they can be read directly. */
  static readonly message: Record<'request' | 'response', undefined> = { request: undefined, response: undefined };
  static readonly created: Record<'request', undefined> = { request: undefined };

  declare readonly request: ObservedRequest;
  /** The options of the request, as its agent got them. */
  declare readonly options: unknown;
  /** The final response, once its headers have arrived. */
  declare response: ObservedResponse | undefined;
  /** When its response headers arrived, and how many bytes had been read on the connection by then. */
  declare headersMs: number | undefined;
  declare readAtHeaders: number;
  /** Bytes that had been written on the connection at the acquire, including queued ones. */
  declare writtenAtAcquire: number;
  /** Whether its socket is Node's own, which writes as Node does; undefined before the first acquire. */
  declare isOwn: boolean | undefined;
  declare dispatchedAtAcquire: number | undefined;
  declare isDeadAtAcquire: boolean;
  /** The port that its span names. */
  declare spanPort: number | undefined;
  /** The program has taken over the connection: an upgrade or a tunnel. */
  declare isUpgraded: boolean;
  /** Why the agent has no connection for it: the agent's error, not the program's abort. */
  declare agentError: unknown;
  /** The program had ended the request before that. */
  declare isEndedBefore: boolean;
  /** The connection on which Node's agent asks a proxy for a tunnel to carry it. */
  declare tunnel: ObservedSocket | undefined;
  /** The agent supplied a stream that is not a connection of this machine: a mock, or a tunnel in JavaScript. */
  declare isForeign: boolean;
  /** That stream belongs to a proxy agent, which presents a proxy's refusal as if it were the answer. */
  declare mayBeProxyRefusal: boolean;
  /** The answer is such a refusal. */
  declare isProxyRefusal: boolean;
  /** The agent is creating a connection for it. */
  declare isConnecting: boolean;
  /** `exchanges` leads to it. */
  declare isIndexed: boolean;
  /** Its connection does not come from a Node pool, which would report its release. */
  declare isUnpooled: boolean;
  /** The end of its response is still to be seen. */
  declare isEndAwaited: boolean;

  constructor(request: ObservedRequest, nowMs: number, options: unknown) {
    super('client', field(request, 'method'), nowMs);
    this.request = request;
    this.options = options;
    this.response = undefined;
    this.headersMs = undefined;
    this.readAtHeaders = 0;
    this.writtenAtAcquire = 0;
    this.isOwn = undefined;
    this.dispatchedAtAcquire = undefined;
  }

  /**
   * Records the socket's state, to show later what was written and read for the request. Each of Node's getters is read
   * once, because it calls several others.
   */
  noteSocket(socket: ObservedSocket, connection: Connection, isDestroyed: boolean): void {
    const isOwn = isNodesOwn(socket);
    if (isOwn && !connection.hasByteCounts) connection.hasByteCounts = dispatchedOn(socket) !== undefined;
    const dispatched = isOwn && connection.hasByteCounts ? bytesDispatchedOn(socket) : undefined;
    this.isOwn = isOwn;
    this.dispatchedAtAcquire = dispatched;
    const isDead = isOwn && (isDestroyed || socket.writableEnded);
    if (isDead !== this.isDeadAtAcquire) this.isDeadAtAcquire = isDead;
    this.readAtAcquire = socket.bytesRead;
    // Where nothing is queued, both counts are the same, and this one is cheap.
    this.writtenAtAcquire = dispatched !== undefined && socket.writableLength === 0 ? dispatched : socket.bytesWritten;
  }

  override end(): void {
    super.end();
    const own = this as Record<'request' | 'options' | 'response', unknown>;
    own.request = undefined;
    own.options = undefined;
    own.response = undefined;
    if (this.agentError !== undefined) this.agentError = undefined;
    if (this.tunnel !== undefined) this.tunnel = undefined;
  }

  override get setting(): IdleTimeoutSetting {
    return agentSetting(this.request.agent);
  }

  override get pool(): PoolLimits | undefined {
    return poolLimitsOf(this.request.agent);
  }

  /** Node itself destroys a response after the program has read it to its end. */
  get isDestroyed(): boolean {
    const { request, response } = this;
    return request.destroyed || (response?.destroyed === true && !response.readableEnded);
  }

  /**
   * How long the event loop has waited since the first write; since the acquire, which is longer, if no write was
   * observed.
   */
  waitedMs(loopIdleNowMs: number): number {
    return this.firstWriteMs === undefined && this.loopIdleAtAcquireMs !== undefined
      ? Math.max(0, loopIdleNowMs - this.loopIdleAtAcquireMs)
      : this.waitedSinceWriteMs(loopIdleNowMs);
  }

  get socketPath(): unknown {
    return property(this.options, 'socketPath') ?? this.request.socketPath;
  }

  /** The destination according to its URL, as its span names it. Different Unix sockets are different origins. */
  originIn(origins: Origins): Origin {
    const { request, socketPath } = this;
    return origins.of(request.protocol, request.host, portOf(this), typeof socketPath === 'string' ? socketPath : '');
  }
}

function portOf({ request, options, spanPort }: HttpExchange): number {
  const port = Number(property(options, 'port'));
  if (Number.isInteger(port) && port > 0) return port;
  if (spanPort !== undefined) return spanPort;
  const { host, protocol } = request;
  // Node's own `Host` header; one set by the program may name another origin.
  const [, name, inHost] = HOST.exec(String(request.getHeader('host') ?? '')) ?? [];
  return name === host ? Number(inHost) : protocol === 'https:' ? 443 : 80;
}

// Rarely set: the defaults live on the prototype, as those of RareState do.
Object.assign(HttpExchange.prototype, {
  spanPort: undefined,
  isDeadAtAcquire: false,
  isUpgraded: false,
  isEndedBefore: false,
  agentError: undefined,
  tunnel: undefined,
  isForeign: false,
  mayBeProxyRefusal: false,
  isProxyRefusal: false,
  isConnecting: false,
  isIndexed: false,
  isUnpooled: false,
  isEndAwaited: false,
} satisfies Partial<HttpExchange>);
