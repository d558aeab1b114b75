import http, { type IncomingMessage } from 'node:http';
import { wasInKernel } from '../connection/cause';
import type { Closing, Connection } from '../connection/connection';
import { announcedTimeoutMs } from '../connection/keep-alive';
import { SUPPRESSED } from '../connection/reporter';
import { adopt, observeBirths } from './client-connection';
import { HttpExchange, type ObservedRequest } from './client-exchange';
import { failExchange } from './client-failure';
import { now, waited } from './clock';
import { poolLimitMs } from './pool-limit';
import { finishAllSetups, finishSetup } from './setup';
import { remember, reporterOf, slot } from './slot';
import { isSocket, type ObservedSocket, onDestroy, whileAgentDestroys } from './socket';
import { before, guarded, patch, subscribe, type Undo, undoAll } from './undo';

let exchanges = new WeakMap<object, HttpExchange>();

/** `http` and `https` requests, in the order in which they live. */
export function observeHttpClient(): Undo {
  exchanges = new WeakMap();
  return undoAll([
    observeBirths(),
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
    patch(
      http.Agent.prototype,
      'destroy',
      (original) =>
        function (...args) {
          return whileAgentDestroys(() => original.apply(this, args));
        },
    ),
    finishAllSetups,
  ]);
}

function onAgentAsked(request: unknown, options: unknown): void {
  if (request instanceof http.ClientRequest && !exchanges.has(request)) open(request as ObservedRequest, options);
}

/** A request whose construction is under way. Its CLIENT span, if it has one, is the active span now. */
function open(request: ObservedRequest, options?: unknown): HttpExchange {
  const exchange = new HttpExchange(request, now(), options);
  const span = reporterOf('client')?.clientSpan(request);
  exchange.silent = span === SUPPRESSED;
  exchange.span = span;
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
  if (error != null || request.destroyed || !isSocket(socket)) return;
  const nowMs = now();
  const wallMs = Date.now();
  const connection = slot.sockets.get(socket) ?? adopt(exchange, socket, nowMs);
  // Node's agent hands a socket straight from a finished request to a queued one.
  if (connection.state === 'active' && connection.uses !== 0 && request.agent instanceof http.Agent) {
    connection.release(nowMs, wallMs);
  }
  exchange.acquire(connection, nowMs, wallMs);
  if (exchange.reused && socket.destroyed) exchange.dead = connection.closing ?? 'unseen';
  exchange.dispatchedAtAcquire = socket._bytesDispatched ?? 0;
  exchange.readAtAcquire = socket.bytesRead;
}

/** Response headers. A 408 that was on its way before the request could be seen is the farewell of a stale connection. */
function onResponse(request: ObservedRequest, response: IncomingMessage): void {
  const exchange = exchanges.get(request);
  if (exchange === undefined || exchange.outcome !== 'open') return;
  const { origin, connection } = exchange;
  exchange.statusCode = response.statusCode;
  if (response.statusCode === 408 && exchange.reused && wasInKernel(exchange.waitedMs(waited()))) {
    failExchange(exchange, socketOf(request), undefined);
    return;
  }
  exchange.outcome = 'answered';
  if (origin !== undefined) {
    const keepAlive = String(response.headers['keep-alive'] ?? '');
    const announced = announcedTimeoutMs(keepAlive);
    if (announced !== undefined) origin.announced(announced);
    origin.succeeded(now(), exchange.reused ? exchange.idleMs : undefined);
    exchange.clientTimeoutMs ??= poolLimitMs(request.agent, keepAlive);
  }
  if (connection !== undefined && !exchange.silent) reporterOf('client')?.succeeded(exchange);
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
  if (connection.origin === undefined) return;
  finishSetup(socket);
  const wasIdle = connection.state === 'idle';
  if (wasIdle) learnFromIdleClosing(connection, closing);
  connection.close(closing);
  reporterOf('client')?.closed(connection, wasIdle);
  const exchange = connection.current;
  if (!(exchange instanceof HttpExchange) || exchange.failure !== undefined) return;
  exchange.progress = exchange.progressOn(socket);
  const { res, parser, upgradeOrConnect } = exchange.request;
  if (res == null || res.complete || upgradeOrConnect === true) return;
  // Bytes that could not be parsed: the error that says so follows at once.
  if (closing.how === 'program' && parser == null) return;
  failExchange(exchange, socket, undefined);
}

function learnFromIdleClosing(connection: Connection, closing: Closing): void {
  const idleMs = connection.idleMs(closing.atMs, Date.now());
  if (closing.initiator !== 'remote' || idleMs === undefined) return;
  connection.origin?.closedIdle(closing.atMs, idleMs, connection.uses);
}

/** The error that a cut response hands to the program is made after the socket's end: it leads to the same verdict. */
function onResponseDestroyed(response: unknown, error: unknown): void {
  if (error == null) return;
  const { req } = response as { req?: ObservedRequest };
  const failure = req === undefined ? undefined : exchanges.get(req)?.failure;
  if (failure !== undefined) remember(error, failure);
}

/** The agent takes a socket out of use. One that is alive and belongs to no request went into the pool. */
function onRelease(socket: unknown): void {
  if (!isSocket(socket) || socket.destroyed || socket._httpMessage != null) return;
  const connection = slot.sockets.get(socket);
  if (connection === undefined) return;
  connection.clientTimeoutMs = socket.timeout ?? 0;
  connection.release(now(), Date.now());
}

function socketOf(request: ObservedRequest): ObservedSocket | undefined {
  return isSocket(request.socket) ? request.socket : undefined;
}
