import http from 'node:http';
import { type Closing, Connection } from '../../connection/connection';
import type { TransportName } from '../../reporter';
import { busyMs, now, waited } from '../process/clock';
import { needsLookup, timeSetup } from '../process/connect-timing';
import { patch, subscribe, type Undo, undoAll } from '../process/patch';
import { reporterOf, slot } from '../process/process-state';
import { endpointsOf, isSocket, type ObservedSocket, whileAgentDestroys } from '../process/socket';
import type { HttpExchange } from './client-exchange';

/** Sockets whose connecting was seen: bytes that went through them before their first request were a tunnel's. */
let born = new WeakSet<object>();

/** Watches agents make their sockets, and destroy them. */
export function observeAgents(): Undo {
  born = new WeakSet();
  return undoAll([
    subscribe('net.client.socket', (message) => born.add((message as { socket: object }).socket)),
    // A proxy agent may build its sockets by hand, which no channel tells.
    patch(
      http.Agent.prototype,
      'createSocket',
      (original) =>
        function (request, options, done, ...rest) {
          const told = (...args: readonly unknown[]) => {
            if (isSocket(args[1])) born.add(args[1]);
            return done(...args);
          };
          return original.call(this, request, options, typeof done === 'function' ? told : done, ...rest);
        },
    ),
    patch(
      http.Agent.prototype,
      'destroy',
      (original) =>
        function (...args) {
          return whileAgentDestroys(() => original.apply(this, args));
        },
    ),
  ]);
}

/**
 * A proxy agent's stand-in for a connection: a socket without a handle, through which the proxy's refusal to make a
 * tunnel is handed on as if the origin had answered.
 */
export function isStandIn(socket: ObservedSocket): boolean {
  return socket._handle == null && !socket.connecting && !socket.destroyed;
}

/** The first request on a socket. One that was connected before we looked may have carried others. */
export function adopt(exchange: HttpExchange, socket: ObservedSocket, nowMs: number): Connection {
  const { request } = exchange;
  const { host } = request;
  const connecting = socket.connecting || socket.secureConnecting === true;
  const connection = new Connection(slot.nextId++, nowMs, {
    secure: socket.encrypted === true,
    adopted: !connecting,
    resolving: needsLookup(host, exchange.socketPath),
  });
  connection.origin = exchange.originIn(slot.origins);
  if (!exchange.silent) connection.origin.isReported = true;
  slot.sockets.set(socket, connection);
  if (connecting) {
    if (!socket.connecting) {
      connection.connected(nowMs);
      // A tunnel's: when its connecting began was not seen.
      connection.connectMs = undefined;
    }
    timeSetup(socket, connection, onConnected);
  } else {
    const seen = born.has(socket) || (typeof socket._parent === 'object' && socket._parent !== null);
    if (request.reusedSocket || (socket.bytesWritten > 0 && !seen)) connection.uses = undefined;
    connection.endpoints = endpointsOf(socket);
  }
  return connection;
}

export function onConnected(connection: Connection, roundTripMs: number): void {
  connection.origin?.connected(now(), roundTripMs);
  countOpen(connection);
}

/** The connection is up. It counts as open, if anybody counts, unless only an exporter used it or its origin. */
export function countOpen(connection: Connection): void {
  const { current, origin } = connection;
  const isSilent = current === undefined ? origin?.isReported !== true : current.silent;
  if (isSilent || slot.open.has(connection)) return;
  if (reporterOf(connection.transport, current)?.opened(connection)) slot.open.add(connection);
}

/** A transport is no longer observed: when its connections end will not be seen. */
export function forgetOpen(transport: TransportName): void {
  for (const connection of slot.open) if (connection.transport === transport) slot.open.delete(connection);
}

/** What the end of an idle connection says about the peer's limits: a closing of our own, that it had let it live. */
export function learnFromIdleClosing(connection: Connection, { atMs, initiator }: Closing): void {
  const { origin, uses } = connection;
  const wallMs = Date.now();
  const idleMs = connection.idleMs(atMs, wallMs);
  if (origin === undefined || idleMs === undefined) return;
  const lateMs = connection.lateMs(atMs, wallMs, waited(), busyMs());
  if (initiator === 'remote')
    origin.closedIdle({ atMs, idleMs, lateMs, uses, ageMs: connection.ageMs(atMs) }, connection.announcedMs);
  // The peer may have closed it while this process did not look.
  if (initiator === 'local') origin.survived(atMs, idleMs - lateMs);
}
