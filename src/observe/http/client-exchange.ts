import type { ClientRequest, IncomingMessage } from 'node:http';
import type { IdleTimeoutSetting } from '../../connection/idle-timeout-setting';
import type { PoolLimits } from '../../connection/pool-limits';
import type { Origin } from '../../peer/origin';
import type { Origins } from '../../peer/origins';
import type { Progress } from '../../verdict/evidence/evidence';
import { isFlushed } from '../process/flushed';
import { ObservedExchange } from '../process/observed-exchange';
import type { ObservedSocket } from '../process/socket';
import { agentSetting, poolLimitsOf } from './pool-timeout';

/** Node's request with the members that its types leave out. */
export interface ObservedRequest extends ClientRequest {
  readonly agent?: unknown;
  readonly res?: (IncomingMessage & { readonly upgrade?: boolean | null }) | null;
  readonly socketPath?: unknown;
  readonly upgradeOrConnect?: boolean;
  readonly outputSize?: number;
  /** Null once Node gave up parsing the response. */
  readonly parser?: unknown;
}

/** Name and port; of an IPv6 address the name is what is in the brackets. */
const HOST = /^\[?(.+?)]?:(\d+)$/;

/** An exchange of `node:http`, with the request that it belongs to. */
export class HttpExchange extends ObservedExchange {
  readonly request: ObservedRequest;
  /** Why the agent has no connection for it: the agent's word, not the program's abort. */
  agentError: unknown;
  /** The proxy's refusal is handed on as if it were the answer. */
  isDenied = false;
  /** Counted when the socket was destroyed; later the socket cannot tell. */
  progress: Progress | undefined;
  readonly #options: { readonly port?: unknown; readonly socketPath?: unknown };

  constructor(request: ObservedRequest, nowMs: number, options: unknown) {
    super('client', request.method, nowMs);
    this.request = request;
    this.#options = typeof options === 'object' && options !== null ? options : {};
  }

  override get setting(): IdleTimeoutSetting {
    return agentSetting(this.request.agent);
  }

  override get pool(): PoolLimits | undefined {
    return poolLimitsOf(this.request.agent);
  }

  get socketPath(): unknown {
    return this.#options.socketPath ?? this.request.socketPath;
  }

  /** The destination by its URL, as its span names it. What one Unix socket shows says nothing about another. */
  originIn(origins: Origins): Origin {
    const { request, socketPath } = this;
    return origins.of(request.protocol, request.host, this.#port, typeof socketPath === 'string' ? socketPath : '');
  }

  get #port(): number {
    const port = Number(this.#options.port);
    if (Number.isInteger(port) && port > 0) return port;
    const { host, protocol } = this.request;
    // Node's own `Host` header, not one of the program's, which may name another origin.
    const [, name, inHost] = HOST.exec(String(this.request.getHeader('host') ?? '')) ?? [];
    return name === host ? Number(inHost) : protocol === 'https:' ? 443 : 80;
  }

  /** How far the exchange has come on this socket. */
  progressOn(socket: ObservedSocket): Progress {
    const { request } = this;
    return {
      dispatched: (socket._bytesDispatched ?? 0) - this.dispatchedAtAcquire,
      received: Math.max(0, socket.bytesRead - this.readAtAcquire),
      complete: request.writableEnded && !request.outputSize && isFlushed(socket),
    };
  }
}
