import http from 'node:http';
import { Connection } from '../../connection/connection';
import { needsLookup, timeSetup } from '../process/connect-timing';
import { onConnected } from '../process/open-connections';
import { guarded, patch, subscribe, type Undo, undoAll } from '../process/patch';
import { processState } from '../process/process-state';
import { endpointsOf, isSocket, type ObservedSocket } from '../process/socket';
import type { HttpExchange } from './client-exchange';

/** Sockets whose connecting was seen: bytes that went through them before their first request were a tunnel's. */
let born = new WeakSet<object>();

/** Watches agents make their sockets, and destroy them. */
export function observeAgents(): Undo {
  born = new WeakSet();
  return undoAll([
    subscribe('net.client.socket', (message) => born.add((message as { socket: object }).socket)),
    // A proxy agent may build its sockets by hand, which no channel tells.
    patch(http.Agent.prototype, 'createSocket', (original, state) => {
      const made = guarded(onMade);
      return function createSocket(request, options, done) {
        if (!state.active || typeof done !== 'function') return original.call(this, request, options, done);
        return original.call(this, request, options, function socketMade(error: unknown, socket: unknown) {
          made(socket);
          return done(error, socket);
        });
      };
    }),
    patch(
      http.Agent.prototype,
      'destroy',
      (original, state) =>
        function destroy() {
          if (!state.active) return original.call(this);
          const outer = processState.isAgentDestroying;
          processState.isAgentDestroying = true;
          try {
            return original.call(this);
          } finally {
            processState.isAgentDestroying = outer;
          }
        },
    ),
  ]);
}

function onMade(socket: unknown): void {
  if (isSocket(socket)) born.add(socket);
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
  const connection = new Connection(processState.nextId++, nowMs, {
    secure: socket.encrypted === true,
    adopted: !connecting,
    resolving: needsLookup(host, exchange.socketPath),
  });
  connection.origin = exchange.originIn(processState.origins);
  if (!exchange.silent) connection.origin.isReported = true;
  processState.sockets.set(socket, connection);
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
