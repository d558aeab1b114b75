import { executionAsyncResource } from 'node:async_hooks';
import net, { type Socket } from 'node:net';
import type { Closing } from '../../connection/closing';
import type { Connection } from '../../connection/connection';
import type { Endpoints } from '../../connection/endpoints';
import { errorFactsOf } from '../../verdict/evidence/error-facts';
import { loopIdleMs, now } from './clock';
import { before, guarded, patch, type Undo, undoAll } from './patch';
import { NODE } from './private-members';
import { type DestroyListener, processState } from './process-state';
import { checkMethods, read } from './read-private';

interface Address {
  address?: string;
  port?: number;
}

/** What libuv knows of a socket. A pipe has no addresses. */
interface Handle {
  readonly writeQueueSize?: number;
  /** The TCP handle below a TLS one. */
  readonly _parent?: Handle | null;
  getsockname?(into: Address): number;
  getpeername?(into: Address): number;
}

/** Node's socket with the undocumented members that have no documented counterpart; each may be missing one day. */
export interface ObservedSocket extends Socket {
  readonly _bytesDispatched?: number;
  readonly _handle?: Handle | null;
  readonly _httpMessage?: unknown;
  readonly _parent?: unknown;
  readonly encrypted?: boolean;
  readonly secureConnecting?: boolean;
}

/** The socket whose timer is firing right now. */
let ticking: ObservedSocket | undefined;

export function onDestroy(listener: DestroyListener): Undo {
  processState.destroyListeners.add(listener);
  return () => {
    processState.destroyListeners.delete(listener);
  };
}

/** Runs `body` while sockets that are destroyed count as destroyed by their agent. */
export function whileAgentDestroys<T>(body: () => T): T {
  processState.isAgentDestroying = true;
  try {
    return body();
  } finally {
    processState.isAgentDestroying = false;
  }
}

export function isSocket(value: unknown): value is ObservedSocket {
  return value instanceof net.Socket;
}

/** Patches what every tracked socket needs: its first write, its timer, its end. */
export function observeSockets(): Undo {
  checkMethods();
  return undoAll([
    patch(net.Socket.prototype, '_writeGeneric', (original) => {
      const written = guarded(afterWrite);
      return function (...args) {
        const exchange = processState.sockets.get(this)?.current;
        if (exchange === undefined || exchange.writes > 0 || this.connecting) return original.apply(this, args);
        exchange.wrote(now(), loopIdleMs());
        const result = original.apply(this, args);
        written(this);
        return result;
      };
    }),
    patch(net.Socket.prototype, '_onTimeout', (original) => {
      const timedOut = guarded(noteTimeout);
      return function (...args) {
        timedOut(this);
        ticking = this;
        try {
          return original.apply(this, args);
        } finally {
          ticking = undefined;
        }
      };
    }),
    before(net.Socket.prototype, '_destroy', (self, [exception]) => {
      const socket = self as ObservedSocket;
      const connection = processState.sockets.get(socket);
      if (connection === undefined || connection.state === 'closed') return;
      const closing = closingOf(socket, connection, exception);
      for (const listener of processState.destroyListeners) listener(connection, socket, closing);
    }),
    () => {
      processState.sockets = new WeakMap();
    },
  ]);
}

/** A first write that the kernel refuses fails before the call returns: proof that nothing left. */
function afterWrite(socket: ObservedSocket): void {
  const exchange = processState.sockets.get(socket)?.current;
  if (exchange === undefined || socket.errored == null) return;
  exchange.firstWriteFailed = errorFactsOf(socket.errored).syscall === 'write';
}

/** A timer that fires while bytes are still queued may only be restarted by Node: no timeout then. */
function noteTimeout(socket: ObservedSocket): void {
  const exchange = processState.sockets.get(socket)?.current;
  if (exchange === undefined || socket._handle?.writeQueueSize) return;
  exchange.timedOutAtRead = socket.bytesRead;
  exchange.timedOutMs = now();
}

/** What tells apart the ends of a socket. */
function closingOf(socket: ObservedSocket, connection: Connection, exception: unknown): Closing {
  const how = howEnded(socket, connection, exception);
  const initiator =
    how === 'lost' ? 'unknown' : how === 'fin' || how === 'reset' || how === 'guard' ? 'remote' : 'local';
  return { atMs: now(), how, initiator };
}

/** The errors with which undici destroys a socket. Its own idle timer says `UND_ERR_INFO`, like its cancelling. */
const UNDICI_ENDS: ReadonlyMap<string, Closing['how']> = new Map([
  ['UND_ERR_INFO', 'request'],
  ['UND_ERR_ABORTED', 'request'],
  ['UND_ERR_DESTROYED', 'agent'],
  ['UND_ERR_CLOSED', 'agent'],
  ['UND_ERR_HEADERS_TIMEOUT', 'timer'],
  ['UND_ERR_BODY_TIMEOUT', 'timer'],
  ['UND_ERR_CONNECT_TIMEOUT', 'timer'],
  // The peer sent something on an idle connection.
  ['UND_ERR_SOCKET', 'guard'],
]);

function howEnded(socket: ObservedSocket, connection: Connection, exception: unknown): Closing['how'] {
  const request = socket._httpMessage as
    | { destroyed?: boolean; res?: { destroyed?: boolean } | null }
    | null
    | undefined;
  if (socket.readableEnded) return 'fin';
  const byRequest = request?.destroyed === true || request?.res?.destroyed === true;
  if (!byRequest && exception != null) {
    const { code, syscall } = errorFactsOf(exception);
    if (code === 'ETIMEDOUT' && syscall !== '') return 'lost';
    if (syscall === 'read' || syscall === 'write' || code === 'EPIPE') return 'reset';
  }
  const byUndici = UNDICI_ENDS.get(errorFactsOf(exception).code);
  if (byUndici !== undefined) return connection.state === 'idle' && byUndici === 'request' ? 'timer' : byUndici;
  if (ticking === socket) return 'timer';
  if (processState.isAgentDestroying) return 'agent';
  if (byRequest) return 'request';
  // From Node 22.23 on a guard destroys an idle pooled socket from within its own read: the peer closed it.
  if (connection.state === 'idle' && isReading(socket)) return isProbe(connection, socket) ? 'lost' : 'guard';
  return 'program';
}

/** TCP's probes give a silent path up after the agent's `keepAliveMsecs`, a second mostly, and ten of a second each. */
function isProbe(connection: Connection, socket: ObservedSocket): boolean {
  const delayMs = (read(socket, NODE.keepAliveDelay) ?? 1) * 1_000;
  const sinceMs = (connection.idleMs(now(), Date.now()) ?? 0) - delayMs;
  return sinceMs > 9_900 && sinceMs < 11_000;
}

/** Node's agent replaces the async resource of a socket that it reuses by an object that holds the handle. */
function isReading({ _handle: handle }: ObservedSocket): boolean {
  if (handle == null) return false;
  const resource: { readonly handle?: unknown } = executionAsyncResource();
  return resource === handle || resource.handle === handle;
}

/**
 * Both ends, asked once while the socket can tell. Node's getters leave what they find on the socket as properties for
 * all to see, so the handle is asked.
 */
export function endpointsOf({ _handle: handle }: ObservedSocket): Endpoints {
  const local: Address = {};
  const peer: Address = {};
  handle?.getsockname?.(local);
  handle?.getpeername?.(peer);
  return { localAddress: local.address, localPort: local.port, peerAddress: peer.address, peerPort: peer.port };
}
