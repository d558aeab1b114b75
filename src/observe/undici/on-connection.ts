import type { Connection } from '../../connection/connection';
import { loopIdleMs, now, recentLoopIdleMs, wallNow } from '../process/clock';
import { reportOpened } from '../process/open-connections';
import { UNDICI } from '../process/private-members';
import { processState } from '../process/process-state';
import { read } from '../process/read-private';
import { noteFirstWrite } from '../process/socket/hooks';
import { isHttp2, type ObservedSocket } from '../process/socket/socket';
import { AttemptProgress } from './attempt-progress';
import { track } from './connections';
import type { UndiciExchange } from './exchange';
import { idleTimeoutMs } from './internals';
import { noteProtocol } from './protocols';
import { stateOf } from './undici-connection';

/**
 * The headers, `head`, are about to be written on this socket, whose connection may be known. Called again when undici
 * itself repeats a request.
 */
export function onAcquire(
  exchange: UndiciExchange,
  socket: ObservedSocket,
  known: Connection | undefined,
  head: unknown,
): void {
  if (exchange.attempt?.socket === socket) return;
  const nowMs = now();
  const wallMs = wallNow();
  const isRepeated = exchange.attempt !== undefined || exchange.foreign;
  if (isRepeated) detach(exchange);
  const connection = known ?? adopt(socket, exchange);
  const use = stateOf(connection, socket);
  const isFresh = connection.uses === 0;
  // Peers behind different Unix sockets may have the same URL.
  if (use.kind === 'pipe' && connection.origin !== undefined) exchange.origin = connection.origin;
  // A tunnel serves its origin; until then the connection belongs to the proxy.
  else if (isFresh) connection.origin = exchange.origin;
  if (!exchange.silent && exchange.origin !== undefined) exchange.origin.isReported = true;
  const unusedMs = isFresh ? connection.idleMs(nowMs, wallMs) : undefined;
  exchange.acquire(connection, nowMs, wallMs);
  const idleMs = isFresh ? unusedMs : exchange.idleMs;
  if (!isRepeated && (idleMs === undefined || nowMs - idleMs > exchange.createdMs))
    exchange.noteQueue(connection, nowMs, idleMs);
  const multiplexed = isHttp2(socket);
  if (multiplexed !== exchange.multiplexed) exchange.multiplexed = multiplexed;
  exchange.attempt = new AttemptProgress(socket, use, exchange.request, head, multiplexed);
  use.add(exchange);
  if (exchange.origin !== undefined) exchange.origin.inUse += 1;
  // The writes bypass our hook.
  if (multiplexed || !use.isDirect) noteFirstWrite(exchange, nowMs, loopIdleMs(nowMs));
  const { origins } = processState;
  if (exchange.origin !== undefined && exchange.origin !== origins.newest) origins.touch(exchange.origin);
  if (!connection.isCounted) reportOpened(connection);
}

/** The headers are about to be written on a stream of the program's own. */
export function onForeign(exchange: UndiciExchange): void {
  if (exchange.attempt !== undefined || exchange.foreign) detach(exchange);
  exchange.foreign = true;
}

/** undici repeats the request: it is over on the connection that it had. */
export function detach(exchange: UndiciExchange): void {
  finishOn(exchange);
  exchange.startOver();
}

/** A connection whose beginning was not observed, because it is older than the observation. */
function adopt(socket: ObservedSocket, { origin }: UndiciExchange): Connection {
  const connection = track(socket, origin, now(), true);
  connection.connectedUnseen();
  connection.uses = undefined;
  noteProtocol(origin, socket);
  return connection;
}

/**
 * The response headers arrived on a connection that undici pools: its idle timeout, which undici computes from this
 * `Keep-Alive` header, if there is one. Read again only after another header.
 */
export function notePoolTimeout(
  exchange: UndiciExchange,
  attempt: AttemptProgress,
  keepAlive: string | undefined,
): void {
  const { state } = attempt;
  if (state.keepAlive !== keepAlive) {
    state.keepAlive = keepAlive;
    state.keepAliveTimeoutMs = idleTimeoutMs(attempt.socket);
  }
  attempt.isTimeoutKnown = true;
  exchange.clientTimeoutMs = state.keepAliveTimeoutMs;
}

/** The exchange is over on its connection, which stays open unless the exchange failed while no other shared it. */
export function finishOn(exchange: UndiciExchange, isAlive = true): void {
  const { connection, attempt, multiplexed } = exchange;
  if (connection === undefined || attempt === undefined) return;
  const { socket, state } = attempt;
  if (!state.remove(exchange)) return;
  const nowMs = now();
  if (exchange.origin !== undefined) {
    exchange.origin.freedMs = nowMs;
    exchange.origin.inUse -= 1;
  }
  const next = state.first;
  if (next !== undefined) {
    next.attempt?.readOn();
    // On HTTP/2, writes cannot be attributed to one request.
    if (connection.current === exchange && !multiplexed) connection.current = state.exchanges.at(-1);
    return;
  }
  if (connection.current === exchange) connection.current = undefined;
  // The program has taken over a tunnel's or an upgraded connection.
  if (!isAlive || socket.destroyed || exchange.method === 'CONNECT' || exchange.statusCode === 101) return;
  if (!multiplexed && read(socket, UNDICI.reset) === true) return;
  if (multiplexed) connection.clientTimeoutMs = undefined;
  else connection.clientTimeoutMs = attempt.isTimeoutKnown ? exchange.clientTimeoutMs : idleTimeoutMs(socket);
  connection.release(nowMs, wallNow(), recentLoopIdleMs(nowMs));
}
