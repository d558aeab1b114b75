import { type ErrorFacts, errorFactsOf, property } from '../../verdict/evidence/error-facts';
import type { Evidence, Progress } from '../../verdict/evidence/evidence';
import { loopIdleMs, now } from '../process/clock';
import { processState } from '../process/process-state';
import { reportFailure } from '../process/report-failure';
import { endpointsOf, type ObservedSocket } from '../process/socket';
import type { HttpExchange } from './client-exchange';

type Stage = Evidence['stage'];

/** How long a program may take from a `'timeout'` event to destroying the request. */
const TIMEOUT_TO_DESTROY_MS = 100;
/** Node's code for a proxy that makes no tunnel. */
const TUNNEL = 'ERR_PROXY_TUNNEL';
const NOTHING: Progress = { dispatched: 0, complete: false, received: 0 };

/** Collects the evidence on an exchange that just failed, gets the verdict, and reports it: once an exchange. */
export function failExchange(exchange: HttpExchange, socket: ObservedSocket | undefined, error: unknown): void {
  const { connection } = exchange;
  const shape = toldBy(exchange, error ?? socket?.errored);
  exchange.origin ??= exchange.originIn(processState.origins);
  if (connection !== undefined && socket !== undefined) connection.endpoints ??= endpointsOf(socket);
  if (socket !== undefined) forgetTimeout(exchange, socket);
  const evidence = {
    exchange,
    nowMs: connection?.closing?.atMs ?? now(),
    error: shape,
    closing: closingOf(exchange, socket),
    stage: stageOf(exchange, shape),
    progress: exchange.progress ?? (socket === undefined ? NOTHING : exchange.progressOn(socket)),
    waitedMs: exchange.waitedMs(loopIdleMs()),
    statusCode: exchange.statusCode,
  };
  reportFailure('httpClient', evidence, error, socket?.errored);
}

/** A timer that fired long ago, or before the last byte came, is not what ended the request. */
function forgetTimeout(exchange: HttpExchange, socket: ObservedSocket): void {
  const isRecent = now() - (exchange.timedOutMs ?? 0) <= TIMEOUT_TO_DESTROY_MS;
  if (!isRecent || exchange.timedOutAtRead !== socket.bytesRead) exchange.timedOutAtRead = undefined;
}

/** How the socket ended. A FIN is read before the socket is destroyed; a request may be destroyed before it has a socket. */
function closingOf(
  { request, connection, agentError }: HttpExchange,
  socket: ObservedSocket | undefined,
): Evidence['closing'] {
  if (connection?.closing !== undefined) return connection.closing;
  if (socket?.readableEnded) return { atMs: now(), initiator: 'remote', how: 'fin' };
  if (connection === undefined && request.destroyed && agentError === undefined)
    return { atMs: now(), initiator: 'local', how: 'request' };
  return undefined;
}

function stageOf({ connection, queued, request, agentError }: HttpExchange, { code, syscall }: ErrorFacts): Stage {
  if (code === TUNNEL) return 'proxy';
  if (connection !== undefined) return connection.stage;
  if (request.socket != null) return 'ready';
  if (agentError !== undefined) return 'connect';
  return queued || (request.destroyed && syscall === '') ? 'queue' : 'connect';
}

/** What the error says. A SOCKS client has no code for a proxy that makes no tunnel, but an error that names the proxy. */
function toldBy({ agentError, isDenied }: HttpExchange, error: unknown): ErrorFacts {
  const shape = errorFactsOf(error);
  const isSocks = agentError !== undefined && shape.code === '' && property(property(error, 'options'), 'proxy');
  return isDenied || isSocks ? { ...shape, code: TUNNEL } : shape;
}
