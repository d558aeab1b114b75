import http from 'node:http';
import { field } from '../../connection/field';
import { loopIdleMs, now, recentLoopIdleMs, wallNow } from '../process/clock';
import { forgetReported, reportOpened } from '../process/open-connections';
import { patch, reportFault, subscribe, subscribeUnguarded, type Undo, undoAll } from '../process/patch';
import { NODE } from '../process/private-members';
import { processState } from '../process/process-state';
import { read } from '../process/read-private';
import { catchUp, finishSetups } from '../process/socket/connect-timing';
import { endOf } from '../process/socket/own-end';
import { carrierKindOf, isSocket, type ObservedSocket, onDestroy } from '../process/socket/socket';
import { adopt, observeAgents } from './client-connection';
import { onError, onMessageDestroyed, onResponse, onSocketDestroyed, type ResponseMessage } from './client-end';
import { HttpExchange, type ObservedRequest, type ObservedResponse } from './client-exchange';
import {
  agentCall,
  endExchange,
  exchangeOf,
  forgetExchanges,
  indexByRequest,
  openExchange,
  pooledExchangeOf,
} from './client-exchanges';
import { isOfNodesPool, isProxyAgent, observePools } from './client-pools';
import { hasKnownRules } from './pool-timeout';

/** Observes `http` and `https` requests, in the order of their life. */
export function observeHttpClient(): Undo {
  forgetExchanges();
  return undoAll([
    observeAgents(),
    observePools(onRelease),
    patch(
      http.ClientRequest.prototype,
      'onSocket',
      (original, state) =>
        function assigned(socket, error) {
          if (state.active) onSocket(this, socket, error);
          return original.call(this, socket, error);
        },
    ),
    subscribeUnguarded<ResponseMessage>('http.client.response.finish', onResponse),
    subscribe<{ request: ObservedRequest; error: unknown }>('http.client.request.error', ({ request, error }) =>
      onError(request, error),
    ),
    onDestroy(onSocketDestroyed),
    patch(
      http.IncomingMessage.prototype,
      '_destroy',
      (original, state) =>
        function _destroy(error, done) {
          if (state.active) onMessageDestroyed(this, error);
          return original.call(this, error, done);
        },
    ),
    () => finishSetups('httpClient'),
    () => forgetReported('httpClient'),
    () => {
      HttpExchange.ended = undefined;
    },
  ]);
}

/** Every way in which a request gets its socket ends here; most take one from the pool, while they are constructed. */
function onSocket(request: ObservedRequest, socket: unknown, error: unknown): void {
  try {
    const nowMs = now();
    const hadSocket = field(request, 'socket') != null;
    // An agent may be asked again for a request that it, or another one, has already given a socket.
    const isPooled = agentCall.request === request && agentCall.isPool && !hadSocket;
    const isOfNodes = isPooled || isOfNodesPool(request);
    // Only an exchange whose connection came from a Node pool can be found through that connection alone.
    const opened = isPooled
      ? agentCall.exchange
      : (exchangeOf(request) ?? (isOfNodes ? pooledExchangeOf(request) : undefined));
    const exchange = opened ?? openExchange(request, nowMs);
    // It may have been written on that socket.
    if (hadSocket) exchange.wroteBefore = true;
    if (!isOfNodes) exchange.isUnpooled = true;
    let isHeld = false;
    if (error != null) {
      exchange.agentError = error;
      exchange.isEndedBefore = field(request, 'destroyed');
    } else if (socket != null) isHeld = acquireSocket(exchange, socket, nowMs);
    // From now on, a connection from the pool of Node's agent leads to it.
    if (opened === undefined && !(isPooled && isHeld)) indexByRequest(exchange);
  } catch (fault) {
    reportFault(fault);
  }
}

/** The exchange gets its socket. Returns whether it holds a connection that is alive. */
function acquireSocket(exchange: HttpExchange, socket: object, nowMs: number): boolean {
  const { request } = exchange;
  const known = processState.sockets.get(socket);
  if (known === undefined && !(isSocket(socket) && isCarried(socket))) {
    exchange.isForeign = true;
    // Nothing can be sent on it, unlike on a tunnel in JavaScript.
    exchange.mayBeProxyRefusal = isSocket(socket) && !socket.writable && isProxyAgent(request.agent);
    return false;
  }
  const carrier = socket as ObservedSocket;
  const connection = known ?? adopt(exchange, carrier, nowMs);
  if (field(request, 'destroyed')) {
    // It was destroyed before its agent was asked.
    if (agentCall.request === request) exchange.isConnecting = false;
    return false;
  }
  catchUp(carrier, connection);
  const wallMs = wallNow();
  const { current, uses } = connection;
  // The socket comes from a finished request, whose release was not reported: Node's agent does this for queued
  // requests, a custom pool always.
  if (current !== undefined && current !== exchange && uses !== 0 && connection.state === 'active') {
    const isStraight = exchange.queued || (current instanceof HttpExchange && current.isEndAwaited);
    const endedMs = current.endedMs ?? (isStraight ? nowMs : undefined);
    if (current instanceof HttpExchange) endExchange(current);
    // Otherwise it may have been idle for any time.
    if (endedMs !== undefined) connection.release(endedMs, current.endedWallMs ?? wallMs);
  }
  // Another request takes its connection, which no longer leads to it.
  else if (current instanceof HttpExchange) indexByRequest(current);
  exchange.acquire(connection, nowMs, wallMs, loopIdleMs(nowMs));
  // A connection whose creation was not observed may or may not have carried other requests.
  const isUnknown = exchange.reuseCount === undefined && exchange.idleMs === undefined;
  if (isUnknown && !request.reusedSocket && !exchange.queued) exchange.reused = undefined;
  if (agentCall.request === request) agentCall.request = undefined;
  if (!connection.isCounted && connection.state === 'active') reportOpened(connection);
  if (exchange.origin !== undefined && exchange.origin !== processState.origins.newest)
    processState.origins.touch(exchange.origin);
  const { destroyed } = carrier;
  if (exchange.reused) {
    if (destroyed) exchange.dead = connection.closing ?? 'unseen';
    else if (carrier.readableEnded || connection.endedHere !== undefined)
      exchange.dead = { ...(endOf(carrier, connection) ?? ENDED_HERE), atMs: nowMs };
  }
  exchange.noteSocket(carrier, connection, destroyed);
  return !destroyed;
}

/** This process has ended its side, and the peer has not answered yet. */
const ENDED_HERE = { how: 'program', initiator: 'local' } as const;

/** The socket runs over a connection of this machine. */
function isCarried(socket: ObservedSocket): boolean {
  const kind = carrierKindOf(socket);
  return kind === 'tcp' || kind === 'pipe';
}

/** The agent releases a socket. If it is alive and no request holds it, it went into the pool. */
function onRelease(socket: unknown): void {
  try {
    const connection = typeof socket === 'object' && socket !== null ? processState.sockets.get(socket) : undefined;
    if (connection === undefined || (socket as ObservedSocket).destroyed) return;
    const { current } = connection;
    // Read before the exchange is over.
    const agent = current instanceof HttpExchange ? field(current.request, 'agent') : undefined;
    if (current instanceof HttpExchange) {
      const { request, response } = current;
      // The request is answered, or was abandoned unsent.
      const isOver = response === undefined ? field(request, 'destroyed') : field(response, 'complete');
      if (!isOver) {
        takeOver(current);
        return;
      }
      endExchange(current);
    }
    connection.current = undefined;
    const { timeout = 0 } = socket as ObservedSocket;
    if (timeout > 0 || connection.clientTimeoutMs !== 0) connection.clientTimeoutMs = idleTimeoutOf(agent, timeout);
    const nowMs = now();
    connection.release(nowMs, wallNow(), recentLoopIdleMs(nowMs), (socket as ObservedSocket).bytesRead);
  } catch (error) {
    reportFault(error);
  }
}

/**
 * The idle timeout of a socket that is in the pool from now on: an agent with its own rules may not use the socket's
 * timer.
 */
function idleTimeoutOf(agent: unknown, timeoutMs: number): number | undefined {
  if (timeoutMs > 0) return timeoutMs;
  return hasKnownRules(agent) ? 0 : undefined;
}

/** An upgrade: the program takes the socket over, and nothing else reports its response. */
function takeOver(exchange: HttpExchange): void {
  const response = read(exchange.request, NODE.response) as ObservedResponse | null | undefined;
  if (response?.upgrade) onResponse({ request: exchange.request, response });
  exchange.isUpgraded = true;
}
