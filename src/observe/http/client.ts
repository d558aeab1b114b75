import http, { type IncomingMessage } from 'node:http';
import type { Closing } from '../../connection/closing';
import type { Connection } from '../../connection/connection';
import { announcedTimeoutMs } from '../../peer/keep-alive';
import { isEarly408 } from '../../verdict/evidence/early-408';
import { loopIdleMs, now } from '../process/clock';
import { finishAllSetups, finishSetup } from '../process/connect-timing';
import { countOpen, forgetOpen, learnFromIdleClosing } from '../process/open-connections';
import { before, guarded, patch, subscribe, type Undo, undoAll } from '../process/patch';
import { findClientSpan, processState, remember, reporterOf } from '../process/process-state';
import { reportMissing } from '../process/report-missing';
import { isSocket, type ObservedSocket, onDestroy } from '../process/socket';
import { adopt, isStandIn, observeAgents } from './client-connection';
import { HttpExchange, type ObservedRequest } from './client-exchange';
import { failExchange } from './client-failure';
import { isTooShortToPool, poolTimeoutMs } from './pool-timeout';

let exchanges = new WeakMap<object, HttpExchange>();

/** `http` and `https` requests, in the order in which they live. */
export function observeHttpClient(): Undo {
  exchanges = new WeakMap();
  return undoAll([
    observeAgents(),
    patch(http.Agent.prototype, 'addRequest', (original) => {
      const asked = guarded(onAgentAsked);
      const queued = guarded(onQueued);
      return function (...args) {
        asked(args[0], args[1]);
        const result = original.apply(this, args);
        queued(this, args[0]);
        return result;
      };
    }),
    before(http.ClientRequest.prototype, 'onSocket', (self, [socket, error]) => {
      onSocket(self as ObservedRequest, socket, error);
    }),
    // Agents of another make do not pass our addRequest. Node 22.12 and up.
    subscribe('http.client.request.created', (message) => onAgentAsked((message as { request: unknown }).request)),
    subscribe('http.client.response.finish', (message) => {
      const { request, response } = message as { request: ObservedRequest; response: IncomingMessage };
      onResponse(request, response);
    }),
    subscribe('http.client.request.error', (message) => {
      const { request, error } = message as { request: ObservedRequest; error: unknown };
      onError(request, error);
    }),
    onDestroy(onSocketDestroyed),
    before(http.IncomingMessage.prototype, '_destroy', (self, [error]) => onResponseDestroyed(self, error)),
    before(http.Agent.prototype, 'removeSocket', (_, [socket]) => onRelease(socket)),
    finishAllSetups,
    () => forgetOpen('httpClient'),
  ]);
}

function onAgentAsked(request: unknown, options?: unknown): void {
  if (request instanceof http.ClientRequest && !exchanges.has(request)) open(request as ObservedRequest, options);
}

/** A request whose construction is under way. Its CLIENT span, if it has one, is the active span now. */
function open(request: ObservedRequest, options?: unknown): HttpExchange {
  const exchange = new HttpExchange(request, now(), options);
  reportMissing();
  findClientSpan(exchange, request);
  exchanges.set(request, exchange);
  return exchange;
}

function onQueued(agent: http.Agent, request: unknown): void {
  const exchange = exchanges.get(request as object);
  if (exchange === undefined || exchange.connection !== undefined) return;
  for (const name in agent.requests) {
    if (agent.requests[name]?.at(-1) === request) exchange.queued = true;
  }
}

/** Every way in which a socket reaches a request ends here. */
function onSocket(request: ObservedRequest, socket: unknown, error: unknown): void {
  const exchange = exchanges.get(request) ?? open(request);
  if (error != null) exchange.agentError = error;
  if (error != null || !isSocket(socket)) return;
  exchange.isDenied = isStandIn(socket) && !processState.sockets.has(socket);
  if (exchange.isDenied) return;
  const nowMs = now();
  const wallMs = Date.now();
  const connection = processState.sockets.get(socket) ?? adopt(exchange, socket, nowMs);
  if (request.destroyed) return;
  // Straight from a finished request: Node's agent does so with queued ones, a pool of the program's own always.
  const { current } = connection;
  if (connection.state === 'active' && connection.uses !== 0 && current !== undefined) {
    forget(connection);
    connection.release(current.endedMs ?? nowMs, current.endedWallMs ?? wallMs);
  }
  exchange.acquire(connection, nowMs, wallMs);
  if (connection.state === 'active') countOpen(connection);
  if (exchange.origin !== undefined) processState.origins.touch(exchange.origin);
  if (exchange.reused && socket.destroyed) exchange.dead = connection.closing ?? 'unseen';
  else if (exchange.reused && socket.readableEnded) exchange.dead = { atMs: nowMs, initiator: 'remote', how: 'fin' };
  exchange.dispatchedAtAcquire = socket._bytesDispatched ?? 0;
  exchange.readAtAcquire = socket.bytesRead;
}

/** Response headers. */
function onResponse(request: ObservedRequest, response: IncomingMessage): void {
  const exchange = exchanges.get(request);
  if (exchange === undefined || exchange.outcome !== 'open') return;
  const { origin, connection } = exchange;
  exchange.statusCode = response.statusCode;
  if (exchange.isDenied) {
    failExchange(exchange, undefined, undefined);
    return;
  }
  if (isEarly408(exchange, response.statusCode, response.headers.connection, loopIdleMs())) {
    failExchange(exchange, socketOf(request), undefined);
    return;
  }
  exchange.outcome = 'answered';
  exchange.answered = true;
  if (origin !== undefined) {
    const keepAlive = String(response.headers['keep-alive'] ?? '');
    exchange.learn(announcedTimeoutMs(keepAlive), now(), loopIdleMs());
    exchange.clientTimeoutMs ??= poolTimeoutMs(request.agent, keepAlive);
    if (exchange.clientTimeoutMs === undefined) exchange.isTooShortToPool = isTooShortToPool(request.agent, keepAlive);
  }
  if (connection !== undefined && !exchange.silent) reporterOf('httpClient', exchange)?.succeeded(exchange);
}

/** Everything but a cut response passes here, before the request's own `'error'`. */
function onError(request: ObservedRequest, error: unknown): void {
  const exchange = exchanges.get(request);
  if (exchange === undefined) return;
  if (exchange.failure !== undefined) {
    remember(error, exchange.failure);
    return;
  }
  // The answer came before the upload was over: not a failed exchange.
  if (request.res?.complete) return;
  failExchange(exchange, socketOf(request), error);
}

function onSocketDestroyed(connection: Connection, socket: ObservedSocket, closing: Closing): void {
  if (connection.transport !== 'httpClient') return;
  finishSetup(socket);
  const wasIdle = connection.isIdle;
  if (wasIdle) learnFromIdleClosing(connection, closing);
  connection.close(closing);
  if (processState.open.delete(connection)) reporterOf('httpClient')?.closed(connection, wasIdle);
  const exchange = connection.current;
  if (!(exchange instanceof HttpExchange) || exchange.failure !== undefined) return;
  exchange.progress = exchange.progressOn(socket);
  const { res, parser, upgradeOrConnect } = exchange.request;
  if (res?.complete) forget(connection);
  if (res == null || res.complete || upgradeOrConnect === true) return;
  // Bytes that could not be parsed: the error that says so follows at once.
  if (closing.how === 'program' && parser == null) return;
  failExchange(exchange, socket, undefined);
}

/** A response is over. The error that a cut one hands to the program is made after the socket's end: same verdict. */
function onResponseDestroyed(response: unknown, error: unknown): void {
  const { req, complete } = response as { req?: ObservedRequest; complete?: boolean };
  const exchange = req === undefined ? undefined : exchanges.get(req);
  if (exchange?.failure !== undefined) remember(error, exchange.failure);
  else if (exchange !== undefined && complete === true) {
    exchange.endedMs = now();
    exchange.endedWallMs = Date.now();
  }
}

/** The agent lets go of a socket. One that is alive and belongs to no request went into the pool. */
function onRelease(socket: unknown): void {
  if (!isSocket(socket) || socket.destroyed) return;
  const request = socket._httpMessage as ObservedRequest | null | undefined;
  if (request != null) {
    // An upgrade: the program takes the socket over, and nothing else tells of its response.
    if (request.res?.upgrade) onResponse(request, request.res);
    return;
  }
  const connection = processState.sockets.get(socket);
  if (connection === undefined) return;
  connection.clientTimeoutMs = socket.timeout ?? 0;
  forget(connection);
  connection.release(now(), Date.now(), loopIdleMs());
}

/** What a WeakMap holds survives young collections, and an exchange leads to its request, socket and span. */
function forget(connection: Connection): void {
  if (connection.current instanceof HttpExchange) exchanges.delete(connection.current.request);
  connection.current = undefined;
}

function socketOf(request: ObservedRequest): ObservedSocket | undefined {
  return isSocket(request.socket) ? request.socket : undefined;
}
