import type { Evidence, Progress } from '../connection/evidence';
import { shapeOf } from '../connection/shape';
import type { HttpExchange } from './client-exchange';
import { now, waited } from './clock';
import { conclude } from './conclude';
import { settingOf } from './pool-limit';
import { slot } from './slot';
import { endpointsOf, type ObservedSocket } from './socket';

/** How long a program may take from a `'timeout'` event to destroying the request. */
const TIMEOUT_TO_DESTROY_MS = 100;
const NOTHING: Progress = { dispatched: 0, complete: false, received: 0 };

/** Collects the evidence on an exchange that just failed, gets the verdict, and reports it: once an exchange. */
export function failExchange(exchange: HttpExchange, socket: ObservedSocket | undefined, error: unknown): void {
  const { request, connection } = exchange;
  const cause = error ?? socket?.errored;
  exchange.origin ??= slot.origins.of(request.protocol, request.host, exchange.port);
  if (connection !== undefined && socket !== undefined) connection.endpoints ??= endpointsOf(socket);
  if (socket !== undefined) forgetTimeout(exchange, socket);
  const evidence: Evidence = {
    exchange,
    nowMs: connection?.closing?.atMs ?? now(),
    error: shapeOf(cause),
    closing: closingOf(exchange, socket),
    stage: stageOf(exchange, cause),
    progress: exchange.progress ?? (socket === undefined ? NOTHING : exchange.progressOn(socket)),
    waitedMs: exchange.waitedMs(waited()),
    setting: settingOf(request.agent),
    statusCode: exchange.statusCode,
  };
  conclude('client', evidence, error, socket?.errored);
}

/** A timer that fired long ago, or before the last byte came, is not what ended the request. */
function forgetTimeout(exchange: HttpExchange, socket: ObservedSocket): void {
  const isRecent = now() - (exchange.timedOutMs ?? 0) <= TIMEOUT_TO_DESTROY_MS;
  if (!isRecent || exchange.timedOutAtRead !== socket.bytesRead) exchange.timedOutAtRead = undefined;
}

/** How the socket ended. A FIN is read before the socket is destroyed; a request may be destroyed before it has a socket. */
function closingOf({ request, connection }: HttpExchange, socket: ObservedSocket | undefined): Evidence['closing'] {
  if (connection?.closing !== undefined) return connection.closing;
  if (socket?.readableEnded) return { atMs: now(), initiator: 'remote', how: 'fin' };
  if (connection === undefined && request.destroyed) return { atMs: now(), initiator: 'local', how: 'request' };
  return undefined;
}

function stageOf({ connection, queued, request }: HttpExchange, error: unknown): Evidence['stage'] {
  const { code, syscall } = shapeOf(error);
  if (code === 'ERR_PROXY_TUNNEL') return 'proxy';
  if (connection !== undefined) return connection.stage;
  if (request.socket != null) return 'ready';
  return queued || (request.destroyed && syscall === '') ? 'queue' : 'connect';
}
