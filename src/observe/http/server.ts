import type { Closing } from '../../connection/closing';
import { Connection } from '../../connection/connection';
import { field } from '../../connection/field';
import { explained } from '../../verdict/advice/advise';
import { FORGOTTEN_MS } from '../../verdict/evidence/timing';
import { now, recentLoopIdleMs, wallNow } from '../process/clock';
import { reportFault, subscribe, subscribeUnguarded, type Undo, undoAll } from '../process/patch';
import { processState } from '../process/process-state';
import { findServerSpan, reporterOf } from '../process/reporters';
import { noteOwnEnd } from '../process/socket/own-end';
import {
  bytesDispatchedOn,
  endpointsOf,
  isSocket,
  type ObservedSocket,
  onDestroy,
  socketBelow,
} from '../process/socket/socket';
import { isServedOn } from './half-open';
import { isWritten, lookForSpan, phaseOf, type RequestStart, ServerExchange } from './server-exchange';

/**
 * Exchanges whose response is not written yet, oldest first, where the client pipelines. Elsewhere the one that holds
 * the connection is the only one.
 */
let pipelined = new WeakMap<ObservedSocket, ServerExchange[]>();
/** Some client has pipelined requests that are not answered yet. */
let isAnyPipelined = false;

/** When connections to any server were accepted. Only an HTTP request reads this back and creates a record. */
let accepted = new WeakMap<ObservedSocket, number>();

/** Observes `http` and `https` servers, in the order of a request's life. */
export function observeHttpServer(): Undo {
  accepted = new WeakMap();
  pipelined = new WeakMap();
  isAnyPipelined = false;
  return undoAll([
    subscribe<{ readonly socket: ObservedSocket }>('net.server.socket', ({ socket }) => accepted.set(socket, now())),
    // These run for every request; a separate function per channel is faster than a shared one.
    subscribeUnguarded<RequestStart>('http.server.request.start', (message) => {
      try {
        started(message);
      } catch (error) {
        reportFault(error);
      }
    }),
    subscribeUnguarded<RequestStart>('http.server.response.finish', (message) => {
      try {
        finished(message);
      } catch (error) {
        reportFault(error);
      }
    }),
    onDestroy(destroyed),
    () => {
      ServerExchange.ended = undefined;
    },
  ]);
}

/** The request's headers were read. Its span does not exist yet. */
function started(message: RequestStart): void {
  const { socket, server } = message;
  // A stream of the program's own is no connection.
  const connection = processState.sockets.get(socket) ?? (isSocket(socket) ? track(socket) : undefined);
  if (connection === undefined) return;
  const nowMs = now();
  // This clock reading later shows how late the end of the client's connection was noticed.
  recentLoopIdleMs(nowMs);
  const exchange = new ServerExchange(message, nowMs);
  connection.endpoints ??= endpointsOf(socket);
  exchange.serverTimeoutMs = server.keepAliveTimeout;
  if (connection.current instanceof ServerExchange) addPipelined(socket, connection.current, exchange);
  else exchange.dispatchedBefore = bytesDispatchedOn(socket);
  exchange.acquire(connection, nowMs, wallNow());
  // A connection that was handed over may have carried others before, or none.
  if (exchange.reuseCount === undefined && exchange.idleMs === undefined) exchange.reused = undefined;
  connection.wrote();
}

function addPipelined(socket: ObservedSocket, before: ServerExchange, exchange: ServerExchange): void {
  const waiting = waitingOn(socket);
  if (waiting === undefined) pipelined.set(socket, [before, exchange]);
  else waiting.push(exchange);
  isAnyPipelined = true;
}

function waitingOn(socket: ObservedSocket): ServerExchange[] | undefined {
  return isAnyPipelined ? pipelined.get(socket) : undefined;
}

/** The exchanges on a connection whose response is not written yet, oldest first. */
function unansweredOn({ current }: Connection, socket: ObservedSocket): readonly ServerExchange[] {
  const waiting = waitingOn(socket);
  if (waiting !== undefined) return waiting;
  return current instanceof ServerExchange ? [current] : [];
}

/**
 * The first request on a connection. A TLS socket is as old as the TCP connection below it. Of a connection whose accept
 * was not observed, because it was handed over or came before, neither age nor uses are known.
 */
function track(socket: ObservedSocket): Connection {
  const acceptedMs = accepted.get(socketBelow(socket) ?? socket);
  const connection = new Connection(processState.nextId++, acceptedMs ?? now(), {
    adopted: acceptedMs !== undefined,
    transport: 'httpServer',
  });
  if (acceptedMs === undefined) {
    connection.connectedUnseen();
    connection.uses = undefined;
  }
  // By a timeout of its own, or because it shuts down, this process may have ended its side before any request came.
  if (socket.writableEnded) noteOwnEnd(socket, connection);
  processState.sockets.set(socket, connection);
  return connection;
}

/**
 * The response was written; its `'close'`, which ends the span, comes later. Node 20 and 22 also say so where writing it
 * failed, just before they destroy the socket.
 */
function finished({ response, socket }: RequestStart): void {
  if (socket.errored != null) return;
  const connection = processState.sockets.get(socket);
  if (connection === undefined) return;
  const { current } = connection;
  const waiting = waitingOn(socket);
  const exchange = waiting === undefined ? current : waiting.find((candidate) => candidate.response === response);
  if (!(exchange instanceof ServerExchange) || exchange.response !== response || exchange.outcome !== 'open') return;
  exchange.outcome = 'answered';
  exchange.statusCode = field(response, 'statusCode');
  if (waiting !== undefined) waiting.splice(waiting.indexOf(exchange), 1);
  if (waiting?.length === 0) pipelined.delete(socket);
  // The client may go on sending a request that was answered early: the connection is not idle before it is whole.
  if (!field(exchange.request, 'complete')) connection.current = undefined;
  else if (waiting === undefined || waiting.length === 0) connection.release(now(), wallNow());
  // Most programs end a response in the context of its request.
  const { endpoints } = connection;
  if (waiting !== undefined || endpoints === undefined || !findServerSpan(exchange, endpoints)) lookForSpan(exchange);
  reporterOf('httpServer', exchange)?.succeeded(exchange);
  exchange.end();
}

/** The socket is gone, and with it the responses that were not complete by then. */
function destroyed(connection: Connection, socket: ObservedSocket, closing: Closing, exception: unknown): void {
  if (connection.transport !== 'httpServer') return;
  const waiting = unansweredOn(connection, socket);
  connection.close(closing);
  connection.current = undefined;
  pipelined.delete(socket);
  for (const exchange of waiting) {
    const isRemote = closing.initiator === 'remote' && !isServedOn(socket, closing, exception);
    if (isRemote && !isWritten(exchange, socket, exception)) lostClient(exchange, socket, closing);
    else endedHere(exchange);
  }
}

/**
 * This process closed the connection, the response was written, or it is unknown who closed it: the client is not
 * blamed, but the span describes its connection.
 */
function endedHere(exchange: ServerExchange): void {
  lookForSpan(exchange);
  reporterOf('httpServer', exchange)?.succeeded(exchange);
}

function lostClient(exchange: ServerExchange, socket: ObservedSocket, closing: Closing): void {
  const elapsedMs = Math.max(0, Math.round(closing.atMs - (exchange.acquiredMs ?? closing.atMs)));
  const reset = closing.how === 'reset';
  const phase = phaseOf(exchange, socket);
  exchange.outcome = 'failed';
  // A middlebox that has forgotten the connection answers a write with a reset.
  const isForgotten = reset && phase === 'response' && elapsedMs >= FORGOTTEN_MS;
  const failure = {
    kind: reset ? 'reset' : 'closed',
    phase,
    cause: 'client_gone',
    // A reset may come from something on the way. A FIN closes only one direction: some clients send a whole request,
    // half-close, and wait for the answer.
    confidence: !reset && phase === 'request' ? 'certain' : isForgotten ? 'possible' : 'likely',
    initiator: 'remote',
    elapsedMs,
    connection: exchange.facts(false),
  } as const;
  exchange.failure = explained({ failure, method: exchange.method });
  lookForSpan(exchange);
  reporterOf('httpServer', exchange)?.failed(exchange, exchange.failure);
}
