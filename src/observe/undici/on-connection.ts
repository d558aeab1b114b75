import type { Connection } from '../../connection/connection';
import { loopIdleMs, now, wallNow } from '../process/clock';
import { countOpen } from '../process/open-connections';
import { processState } from '../process/process-state';
import type { ObservedSocket } from '../process/socket/socket';
import { carrierOf } from './carrier';
import { track } from './connections';
import type { UndiciExchange } from './exchange';
import { addExchange, exchangesOn, firstOn, removeExchange } from './in-flight';
import { idleTimeoutMs, isLast } from './internals';
import { noteProtocol } from './protocols';

/** The headers are about to be written on this socket. Called again when undici itself repeats a request. */
export function onAcquire(exchange: UndiciExchange, socket: ObservedSocket, head: unknown): void {
  if (exchange.socket === socket) return;
  const nowMs = now();
  const wallMs = wallNow();
  const isRepeated = leave(exchange);
  const connection = processState.sockets.get(socket) ?? adopt(socket, exchange);
  const { kind, isDirect } = carrierOf(socket);
  // Peers behind different Unix sockets may have the same URL.
  if (kind === 'pipe' && connection.origin !== undefined) exchange.origin = connection.origin;
  // A tunnel is made for its origin; until then the connection belongs to the proxy.
  else if (connection.uses === 0) connection.origin = exchange.origin;
  if (!exchange.silent && exchange.origin !== undefined) exchange.origin.isReported = true;
  if (!isRepeated) exchange.noteQueue(connection, nowMs, wallMs);
  exchange.acquire(connection, nowMs, wallMs);
  exchange.onSocket(socket, head);
  addExchange(connection, exchange);
  // Its writes do not pass through our hook.
  if (exchange.multiplexed || !isDirect) exchange.wrote(nowMs, loopIdleMs());
  countOpen(connection);
  if (exchange.origin !== undefined) processState.origins.touch(exchange.origin);
}

/** The headers are about to be written on a stream of the program's own. */
export function onForeign(exchange: UndiciExchange): void {
  leave(exchange);
  exchange.foreign = true;
}

/** undici repeats the request; returns false if this is its first attempt. */
function leave(exchange: UndiciExchange): boolean {
  if (exchange.attempt === undefined && !exchange.foreign) return false;
  finishOn(exchange);
  exchange.startOver();
  return true;
}

/** A connection whose beginning was not observed, because it is older than the observation. */
function adopt(socket: ObservedSocket, { origin }: UndiciExchange): Connection {
  const connection = track(socket, origin, now(), true);
  connection.uses = undefined;
  noteProtocol(origin, socket);
  return connection;
}

/** Whether undici keeps the connection for further requests. */
export function isPooled(exchange: UndiciExchange, socket: ObservedSocket): boolean {
  return exchange.multiplexed || !isLast(socket);
}

/** The exchange is over on its connection, which stays open unless the exchange failed while no other shared it. */
export function finishOn(exchange: UndiciExchange, isAlive = true): void {
  const { connection, socket } = exchange;
  if (connection === undefined || socket === undefined) return;
  if (!removeExchange(connection, exchange)) return;
  const nowMs = now();
  if (exchange.origin !== undefined) exchange.origin.freedMs = nowMs;
  const next = firstOn(connection);
  if (next !== undefined) {
    next.attempt?.readOn();
    // On HTTP/2, writes cannot be attributed to one request.
    if (connection.current === exchange && !exchange.multiplexed) connection.current = exchangesOn(connection).at(-1);
    return;
  }
  if (connection.current === exchange) connection.current = undefined;
  if (!isAlive || socket.destroyed || exchange.isTakenOver || !isPooled(exchange, socket)) return;
  connection.clientTimeoutMs = exchange.multiplexed ? undefined : idleTimeoutMs(socket);
  connection.release(nowMs, wallNow(), loopIdleMs());
}
