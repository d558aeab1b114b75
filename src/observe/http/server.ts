import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Closing } from '../../connection/closing';
import { Connection } from '../../connection/connection';
import { explanationOf } from '../../verdict/advice/advice';
import { adviceOf } from '../../verdict/advice/advise';
import type { FailurePhase } from '../../verdict/failure';
import { loopIdleMs, now } from '../process/clock';
import { ObservedExchange } from '../process/observed-exchange';
import { subscribe, type Undo, undoAll } from '../process/patch';
import { findSpan, processState, reporterOf } from '../process/process-state';
import { endpointsOf, isSocket, type ObservedSocket, onDestroy } from '../process/socket';

interface RequestStart {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly socket: ObservedSocket;
  readonly server: Server;
}

class ServerExchange extends ObservedExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;

  constructor({ request, response }: RequestStart, nowMs: number) {
    super('server', request.method ?? 'GET', nowMs);
    this.request = request;
    this.response = response;
  }
}

/** Exchanges whose response is not written yet, oldest first: more than one only if the client pipelines. */
let unanswered = new WeakMap<ObservedSocket, ServerExchange[]>();

/** `http` and `https` servers, in the order in which a request lives. */
export function observeHttpServer(): Undo {
  unanswered = new WeakMap();
  return undoAll([
    subscribe('net.server.socket', (message) => accepted((message as { socket: ObservedSocket }).socket)),
    subscribe('http.server.request.start', (message) => started(message as RequestStart)),
    subscribe('http.server.response.finish', (message) => finished(message as RequestStart)),
    onDestroy(destroyed),
  ]);
}

/** Any server's connection; it costs one record, and only HTTP requests look at it again. */
function accepted(socket: ObservedSocket): void {
  processState.sockets.set(
    socket,
    new Connection(processState.nextId++, now(), { adopted: true, transport: 'httpServer' }),
  );
}

/** The request's headers were read. Its span does not exist yet. */
function started(message: RequestStart): void {
  const { socket, server } = message;
  const nowMs = now();
  // Each look at the loop tells later how late a client's connection was seen to end.
  loopIdleMs();
  const exchange = new ServerExchange(message, nowMs);
  const connection = connectionOf(socket);
  connection.endpoints ??= endpointsOf(socket);
  exchange.serverTimeoutMs = server.keepAliveTimeout;
  exchange.acquire(connection, nowMs, Date.now());
  connection.wrote();
  const waiting = unanswered.get(socket);
  if (waiting === undefined) unanswered.set(socket, [exchange]);
  else waiting.push(exchange);
}

/** A TLS socket is counted on its own; it is as old as the TCP connection below it. */
function connectionOf(socket: ObservedSocket): Connection {
  const known = processState.sockets.get(socket);
  if (known !== undefined) return known;
  const below = isSocket(socket._parent) ? processState.sockets.get(socket._parent) : undefined;
  const connection = new Connection(below?.id ?? processState.nextId++, below?.createdMs ?? now(), {
    adopted: true,
    transport: 'httpServer',
  });
  if (below === undefined) connection.uses = undefined;
  processState.sockets.set(socket, connection);
  return connection;
}

/** The response was written; its `'close'`, which ends the span, comes later. */
function finished({ response, socket }: RequestStart): void {
  const waiting = unanswered.get(socket);
  const exchange = waiting?.find((candidate) => candidate.response === response);
  if (waiting === undefined || exchange === undefined) return;
  waiting.splice(waiting.indexOf(exchange), 1);
  if (exchange.outcome !== 'open') return;
  exchange.outcome = 'answered';
  exchange.statusCode = response.statusCode;
  if (waiting.length === 0) exchange.connection?.release(now(), Date.now());
  lookForSpan(exchange);
  reporterOf('httpServer', exchange)?.succeeded(exchange);
}

/** The socket is gone: every response that was not complete by then has lost its client. */
function destroyed(connection: Connection, socket: ObservedSocket, closing: Closing): void {
  if (connection.origin !== undefined) return;
  connection.close(closing);
  const waiting = unanswered.get(socket);
  if (waiting === undefined) return;
  unanswered.delete(socket);
  if (closing.initiator !== 'remote') return;
  for (const exchange of waiting) lostClient(exchange, closing);
}

function lostClient(exchange: ServerExchange, closing: Closing): void {
  const elapsedMs = Math.max(0, Math.round(closing.atMs - (exchange.acquiredMs ?? closing.atMs)));
  const reset = closing.how === 'reset';
  const phase: FailurePhase = exchange.response.headersSent
    ? 'response'
    : exchange.request.complete
      ? 'wait'
      : 'request';
  exchange.outcome = 'failed';
  const failure = {
    kind: reset ? 'reset' : 'closed',
    phase,
    cause: 'client_gone',
    confidence: 'certain',
    initiator: 'remote',
    elapsedMs,
    connection: exchange.facts(false),
  } as const;
  const advice = adviceOf({ failure, method: exchange.method });
  exchange.failure = { ...failure, explanation: explanationOf(advice) };
  lookForSpan(exchange);
  reporterOf('httpServer', exchange)?.failed(exchange, exchange.failure);
}

const PROBE = Symbol('opentelemetry-instrumentation-socket.probe');

/**
 * Whoever traced the request bound its context to the response, so that listeners added later run inside it. One is
 * added, run, and removed again, all at once: no event is emitted, and nothing stays on the response.
 */
function lookForSpan(exchange: ServerExchange): void {
  const { response } = exchange;
  const ask = () => findSpan('httpServer', exchange, (reporter) => reporter.serverSpan());
  response.on(PROBE, ask);
  try {
    for (const bound of response.listeners(PROBE)) if (bound !== ask) bound.call(response);
  } finally {
    response.removeListener(PROBE, ask);
  }
}
