import http from 'node:http';
import { field } from '../../connection/field';
import { property } from '../../verdict/evidence/error-facts';
import { loopIdleMs, now, wallNow } from '../process/clock';
import { countOpen, forgetOpen } from '../process/open-connections';
import { before, guarded, patch, subscribe, type Undo, undoAll } from '../process/patch';
import { NODE } from '../process/private-members';
import { processState, take } from '../process/process-state';
import { read } from '../process/read-private';
import { catchUp, finishSetups } from '../process/socket/connect-timing';
import { carrierKindOf, isSocket, type ObservedSocket, onDestroy } from '../process/socket/socket';
import { adopt, isProxyAgent, observeAgents } from './client-connection';
import { onError, onResponse, onResponseDestroyed, onSocketDestroyed, type ResponseMessage } from './client-end';
import { HttpExchange, type ObservedRequest, type ObservedResponse } from './client-exchange';
import {
  asked,
  endExchange,
  exchangeOf,
  exchanges,
  forgetExchanges,
  openExchange,
  openUnconnected,
} from './client-exchanges';

const nodesAgent = http.Agent.prototype as { readonly addRequest?: unknown; readonly createSocket?: unknown };
/** The `addRequest` of Node's agents, with our patch in it; undefined where it is not patched. */
let patchedAddRequest: unknown;

/** Observes `http` and `https` requests, in the order of their life. */
export function observeHttpClient(): Undo {
  forgetExchanges();
  const unpatched = nodesAgent.addRequest;
  const undo = undoAll([
    observeAgents(),
    patch(http.Agent.prototype, 'addRequest', (original, state) => {
      const open = guarded(onAgentAsked);
      const unassigned = guarded(onUnassigned);
      return function addRequest(request, options, port, localAddress) {
        if (!state.active) return original.call(this, request, options, port, localAddress);
        const { request: outer, options: outerOptions } = asked;
        asked.request = request;
        asked.options = options;
        try {
          // An agent with its own way to create sockets may make requests of its own for that.
          if (this.createSocket !== nodesAgent.createSocket) open(request);
          const result = original.call(this, request, options, port, localAddress);
          if (asked.request === request) unassigned(request);
          return result;
        } finally {
          asked.request = outer;
          asked.options = outerOptions;
        }
      };
    }),
    before(http.ClientRequest.prototype, 'onSocket', onSocket),
    // Node 22.12 and up.
    subscribe<{ request: ObservedRequest }>('http.client.request.created', onCreated),
    subscribe<ResponseMessage>('http.client.response.finish', onResponse),
    subscribe<{ request: ObservedRequest; error: unknown }>('http.client.request.error', ({ request, error }) =>
      onError(request, error),
    ),
    onDestroy(onSocketDestroyed),
    patch(
      http.IncomingMessage.prototype,
      '_destroy',
      (original, state) =>
        function _destroy(error, done) {
          // A server's request has no request of its own.
          if (state.active && field(this as ObservedResponse, 'req') !== undefined) onResponseDestroyed(this, error);
          return original.call(this, error, done);
        },
    ),
    before(http.Agent.prototype, 'removeSocket', onRelease),
    () => finishSetups('httpClient'),
    () => forgetOpen('httpClient'),
    () => {
      patchedAddRequest = undefined;
      HttpExchange.ended = undefined;
    },
  ]);
  patchedAddRequest = nodesAgent.addRequest === unpatched ? undefined : nodesAgent.addRequest;
  return undo;
}

/** An agent that does not extend Node's does not call our `addRequest`: that it was asked is seen only here. */
function onCreated(message: { readonly request: ObservedRequest }): void {
  const request = field(message, 'request');
  if (!callsOurs(request)) onAgentAsked(request);
}

/** Its agent's `addRequest` is ours, as long as nobody has wrapped it again. */
function callsOurs(request: ObservedRequest): boolean {
  const own = field(request, 'agent') as { readonly addRequest?: unknown } | null | undefined;
  return patchedAddRequest !== undefined && own?.addRequest === patchedAddRequest;
}

/** The agent creates connections in its own way, or is not one of Node's: the span of the request is found right now. */
function onAgentAsked(request: unknown): void {
  if (!(request instanceof http.ClientRequest) || exchangeOf(request) !== undefined) return;
  const exchange = openUnconnected(request, now());
  if (property(exchange.request.agent, 'createSocket') !== nodesAgent.createSocket) take(exchange);
}

/** The agent was asked, and had no connection for the request: if it does not create one either, the request waits. */
function onUnassigned(request: unknown): void {
  if (!(request instanceof http.ClientRequest)) return;
  const exchange = exchangeOf(request) ?? openUnconnected(request, now());
  if (exchange.connection !== undefined || exchange.isConnecting) return;
  exchange.queued = read(exchange.request, NODE.queueOptions) !== undefined;
}

/** Every way in which a request gets its socket ends here; most take one from the pool, while they are constructed. */
function onSocket(self: unknown, socket: unknown, error: unknown): void {
  const request = self as ObservedRequest;
  const nowMs = now();
  const isPooled = asked.request === request && callsOurs(request);
  const opened = exchangeOf(request);
  const exchange = opened ?? openExchange(request, nowMs);
  let isHeld = false;
  if (error != null) exchange.agentError = error;
  else if (socket != null) isHeld = hold(exchange, socket, nowMs);
  // From now on, a connection from the pool of Node's agent leads to it.
  if (opened === undefined && !(isPooled && isHeld)) exchanges.set(request, exchange);
}

/** The exchange gets its socket. Returns whether it holds a connection that is alive. */
function hold(exchange: HttpExchange, socket: object, nowMs: number): boolean {
  const { request } = exchange;
  // It may have been written on the socket that it had.
  if (field(request, 'socket') != null) exchange.wroteBefore = true;
  const known = processState.sockets.get(socket);
  if (!isSocket(socket) || (known === undefined && !isCarried(socket))) {
    exchange.isForeign = true;
    // Nothing can be sent on it, unlike on a tunnel in JavaScript.
    exchange.isStandIn = isSocket(socket) && !socket.writable && isProxyAgent(request.agent);
    return false;
  }
  const connection = known ?? adopt(exchange, socket, nowMs);
  if (field(request, 'destroyed')) return false;
  catchUp(socket, connection);
  const wallMs = wallNow();
  const { current, uses } = connection;
  // The socket comes straight from a finished request: Node's agent does this for queued requests, a custom pool
  // always.
  if (current !== undefined && current !== exchange && uses !== 0 && connection.state === 'active') {
    if (current instanceof HttpExchange) endExchange(current);
    connection.release(current.endedMs ?? nowMs, current.endedWallMs ?? wallMs);
  }
  // Another request takes its connection, which no longer leads to it.
  else if (current instanceof HttpExchange) exchanges.set(current.request, current);
  exchange.acquire(connection, nowMs, wallMs);
  if (asked.request === request) asked.request = undefined;
  if (connection.state === 'active') countOpen(connection);
  if (exchange.origin !== undefined) processState.origins.touch(exchange.origin);
  const { destroyed } = socket;
  if (exchange.reused && destroyed) exchange.dead = connection.closing ?? 'unseen';
  else if (exchange.reused && socket.readableEnded) exchange.dead = { atMs: nowMs, initiator: 'remote', how: 'fin' };
  exchange.waitedAtAcquireMs = loopIdleMs(nowMs);
  exchange.noteSocket(socket, destroyed);
  return !destroyed;
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
  if (current instanceof HttpExchange) {
    const { request, response } = current;
    // It has its answer, or was given up before it was sent.
    const isOver = response === undefined ? field(request, 'destroyed') : field(response, 'complete');
    if (!isOver) {
      takeOver(current);
      return;
    }
    endExchange(current);
  }
  connection.current = undefined;
  connection.clientTimeoutMs = socket.timeout ?? 0;
  const nowMs = now();
  connection.release(nowMs, wallNow(), loopIdleMs(nowMs));
}

/** An upgrade: the program takes the socket over, and nothing else reports its response. */
function takeOver(exchange: HttpExchange): void {
  const response = read(exchange.request, NODE.response) as ObservedResponse | null | undefined;
  if (response?.upgrade) onResponse({ request: exchange.request, response });
  exchange.isTakenOver = true;
}
