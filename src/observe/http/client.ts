import http, { type IncomingMessage } from 'node:http';
import { property } from '../../verdict/evidence/error-facts';
import { loopIdleMs, now, wallNow } from '../process/clock';
import { countOpen, forgetOpen } from '../process/open-connections';
import { before, guarded, patch, subscribe, type Undo, undoAll } from '../process/patch';
import { NODE } from '../process/private-members';
import { processState, take } from '../process/process-state';
import { read } from '../process/read-private';
import { catchUp, finishSetups } from '../process/socket/connect-timing';
import { carrierKindOf, isSocket, type ObservedSocket, onDestroy } from '../process/socket/socket';
import { baselineOf } from '../process/socket/unsent';
import { adopt, isProxyAgent, observeAgents } from './client-connection';
import { onError, onResponse, onResponseDestroyed, onSocketDestroyed } from './client-end';
import { HttpExchange, type ObservedRequest, type ObservedResponse } from './client-exchange';
import { exchangeOf, forgetExchange, forgetExchanges, openExchange } from './client-exchanges';

/** Observes `http` and `https` requests, in the order of their life. */
export function observeHttpClient(): Undo {
  forgetExchanges();
  return undoAll([
    observeAgents(),
    patch(http.Agent.prototype, 'addRequest', (original, state) => {
      const asked = guarded(onAgentAsked);
      const queued = guarded(onQueued);
      return function addRequest(request, options, port, localAddress) {
        if (!state.active) return original.call(this, request, options, port, localAddress);
        asked(request, options);
        const result = original.call(this, request, options, port, localAddress);
        queued(request);
        return result;
      };
    }),
    before(http.ClientRequest.prototype, 'onSocket', onSocket),
    // Agents that do not extend Node's do not call our addRequest. Node 22.12 and up.
    subscribe('http.client.request.created', (message) => onAgentAsked((message as { request: unknown }).request)),
    subscribe('http.client.response.finish', (message) => {
      const { request, response } = message as { request: ObservedRequest; response: IncomingMessage };
      const exchange = exchangeOf(request);
      if (exchange !== undefined) onResponse(exchange, response);
    }),
    subscribe('http.client.request.error', (message) => {
      const { request, error } = message as { request: ObservedRequest; error: unknown };
      onError(request, error);
    }),
    onDestroy(onSocketDestroyed),
    before(http.IncomingMessage.prototype, '_destroy', onResponseDestroyed),
    before(http.Agent.prototype, 'removeSocket', onRelease),
    () => finishSetups('httpClient'),
    () => forgetOpen('httpClient'),
  ]);
}

function onAgentAsked(request: unknown, options?: unknown): void {
  if (!(request instanceof http.ClientRequest)) return;
  if (exchangeOf(request) !== undefined) return;
  const exchange = openExchange(request as ObservedRequest, options);
  // An agent with its own way to create sockets may make requests of its own for that.
  if (property(exchange.request.agent, 'createSocket') !== property(http.Agent.prototype, 'createSocket'))
    take(exchange);
}

/**
 * The agent was asked, and neither has nor creates a connection for the request: only then may the request be queued.
 */
function onQueued(request: object): void {
  const exchange = exchangeOf(request);
  if (exchange === undefined || exchange.connection !== undefined || exchange.isConnecting) return;
  exchange.queued = read(exchange.request, NODE.queueOptions) !== undefined;
}

/** Every way in which a request gets its socket ends here. */
function onSocket(self: unknown, socket: unknown, error: unknown): void {
  const request = self as ObservedRequest;
  const exchange = exchangeOf(request) ?? openExchange(request);
  if (error != null) {
    exchange.agentError = error;
    return;
  }
  if (socket == null) return;
  // It may have been written on the socket that it had.
  if (request.socket != null) exchange.wroteBefore = true;
  const known = isSocket(socket) ? processState.sockets.get(socket) : undefined;
  if (!isSocket(socket) || (known === undefined && !isCarried(socket))) {
    exchange.isForeign = true;
    // Nothing can be sent on it, unlike on a tunnel in JavaScript.
    exchange.isStandIn = isSocket(socket) && !socket.writable && isProxyAgent(request.agent);
    return;
  }
  const nowMs = now();
  const wallMs = wallNow();
  const connection = known ?? adopt(exchange, socket, nowMs);
  if (request.destroyed) return;
  catchUp(socket, connection);
  // The socket comes straight from a finished request: Node's agent does this for queued requests, a custom pool
  // always.
  const { current } = connection;
  if (connection.state === 'active' && connection.uses !== 0 && current !== undefined) {
    forgetExchange(connection);
    connection.release(current.endedMs ?? nowMs, current.endedWallMs ?? wallMs);
  }
  exchange.acquire(connection, nowMs, wallMs);
  if (connection.state === 'active') countOpen(connection);
  if (exchange.origin !== undefined) processState.origins.touch(exchange.origin);
  if (exchange.reused && socket.destroyed) exchange.dead = connection.closing ?? 'unseen';
  else if (exchange.reused && socket.readableEnded) exchange.dead = { atMs: nowMs, initiator: 'remote', how: 'fin' };
  exchange.waitedAtAcquireMs = loopIdleMs();
  exchange.baseline = baselineOf(socket);
  exchange.readAtAcquire = socket.bytesRead;
  exchange.writtenAtAcquire = socket.bytesWritten;
}

/** The socket runs over a connection of this machine. */
function isCarried(socket: ObservedSocket): boolean {
  const kind = carrierKindOf(socket);
  return kind === 'tcp' || kind === 'pipe';
}

/** The agent releases a socket. If it is alive and no request holds it, it went into the pool. */
function onRelease(_agent: unknown, socket: unknown): void {
  if (!isSocket(socket) || socket.destroyed) return;
  const connection = processState.sockets.get(socket);
  if (connection === undefined) return;
  const { current } = connection;
  if (current instanceof HttpExchange && !isOver(current)) {
    // An upgrade: the program takes the socket over, and nothing else reports its response.
    const response = read(current.request, NODE.response) as ObservedResponse | null | undefined;
    if (response?.upgrade) onResponse(current, response);
    current.isTakenOver = true;
    return;
  }
  connection.clientTimeoutMs = socket.timeout ?? 0;
  forgetExchange(connection);
  connection.release(now(), wallNow(), loopIdleMs());
}

/** The request has its answer, or was given up before it was sent. */
function isOver({ request, response }: HttpExchange): boolean {
  return response === undefined ? request.destroyed : response.complete;
}
