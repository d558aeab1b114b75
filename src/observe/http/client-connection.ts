import http from 'node:http';
import { Connection } from '../../connection/connection';
import { property } from '../../verdict/evidence/error-facts';
import { loopIdleMs, now } from '../process/clock';
import { onConnected } from '../process/open-connections';
import { guarded, patch, subscribe, type Undo, undoAll } from '../process/patch';
import { NODE } from '../process/private-members';
import { processState } from '../process/process-state';
import { probe, read } from '../process/read-private';
import { take } from '../process/reporters';
import { timeSetup } from '../process/socket/connect-timing';
import { endpointsOf, isSecure, isSocket, type ObservedSocket, socketBelow } from '../process/socket/socket';
import { isHandshaking, isResolving } from '../process/socket/stage';
import type { HttpExchange } from './client-exchange';
import { agentCall, exchangeOf, openUnconnected } from './client-exchanges';
import { failExchange, TUNNEL } from './client-failure';
import { createsAsNode } from './client-pools';

/** When a socket was created, and the total event loop idle time then. */
interface SocketCreation {
  readonly atMs: number;
  readonly loopIdleMs: number;
}

/** Sockets whose creation was observed. Bytes counted on them before the first request belong to a tunnel. */
let created = new WeakMap<object, SocketCreation>();

/** How many agents are creating a socket right now, and the socket that was created last meanwhile. */
let creating = 0;
let newest: object | undefined;

/** Observes how agents create and destroy their sockets. */
export function observeAgents(): Undo {
  created = new WeakMap();
  return undoAll([
    subscribe<{ readonly socket: object }>('net.client.socket', ({ socket }) => {
      noteCreated(socket);
      if (creating > 0) newest = socket;
    }),
    // A proxy agent may build its sockets itself, which no channel reports.
    patch(http.Agent.prototype, 'createSocket', (original, state) => {
      const connecting = guarded(noteConnecting);
      const tunnelling = guarded(noteTunnel);
      const made = guarded(noteMade);
      return function createSocket(request, options, done) {
        if (!state.active || typeof done !== 'function') return original.call(this, request, options, done);
        connecting(request);
        creating += 1;
        try {
          const isOwn = createsAsNode(this);
          const result = original.call(this, request, options, function socketMade(error: unknown, socket: unknown) {
            made(socket, isOwn ? request : undefined, error);
            return done(error, socket);
          });
          if (isOwn) tunnelling(request);
          return result;
        } finally {
          creating -= 1;
          newest = undefined;
        }
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

function noteConnecting(request: unknown): void {
  if (!(request instanceof http.ClientRequest)) return;
  const exchange = exchangeOf(request) ?? (request === agentCall.request ? openUnconnected(request, now()) : undefined);
  if (exchange === undefined) return;
  exchange.isConnecting = true;
  if (exchange.queued) exchange.queueMs = Math.max(0, now() - exchange.createdMs);
  take(exchange);
}

/** The agent asks a proxy for a tunnel: the request gets the socket, or a TLS socket above it, only when it has one. */
function noteTunnel(request: unknown): void {
  if (!isSocket(newest) || !(request instanceof http.ClientRequest)) return;
  const exchange = exchangeOf(request);
  if (exchange === undefined || exchange.connection !== undefined) return;
  if (read(newest, NODE.awaitsTunnel)) exchange.tunnel = newest;
}

function noteCreated(socket: object): void {
  const atMs = now();
  created.set(socket, { atMs, loopIdleMs: loopIdleMs(atMs) });
}

/** The agent made a socket, or failed to. `request`: the request that such an error ends; undefined if it may go on. */
function noteMade(socket: unknown, request: unknown, error: unknown): void {
  if (isSocket(socket) && !created.has(socket)) noteCreated(socket);
  if (property(error, 'code') !== TUNNEL || !(request instanceof http.ClientRequest)) return;
  const exchange = exchangeOf(request);
  if (exchange === undefined) return;
  // Node gives the request this error itself, and publishes nothing.
  exchange.agentError = error;
  exchange.isEndedBefore = request.destroyed;
  failExchange(exchange, undefined, error);
}

/** No connection step was missed: the name is still unresolved, or there is no name. */
function missedNoStep(socket: ObservedSocket): boolean {
  return isResolving(socket) || read(socket, NODE.host) === null;
}

/** The first request on a socket. If the socket was connected before it was observed, it may have carried others. */
export function adopt(exchange: HttpExchange, socket: ObservedSocket, nowMs: number): Connection {
  const { request } = exchange;
  const secure = isSecure(socket);
  const birth = created.get(socket);
  created.delete(socket);
  const connecting = socket.connecting || isHandshaking(socket);
  const options = { secure, adopted: !connecting };
  const connection = new Connection(processState.nextId++, birth?.atMs ?? nowMs, options);
  probe(socket, 'net.Socket', NODE);
  if (secure) probe(socket, 'tls.TLSSocket', NODE);
  connection.origin = exchange.originIn(processState.origins);
  if (!exchange.silent) connection.origin.isReported = true;
  connection.socket = new WeakRef(socket);
  processState.sockets.set(socket, connection);
  if (connecting) {
    if (!socket.connecting) {
      connection.connected(nowMs);
      // The connect time would be a tunnel's, whose beginning was not observed.
      connection.connectMs = undefined;
    }
    const isWhole = birth !== undefined && (missedNoStep(socket) || birth.loopIdleMs === loopIdleMs(nowMs));
    timeSetup(socket, connection, onConnected, isWhole, birth?.loopIdleMs);
  } else {
    const seen = birth !== undefined || socketBelow(socket) !== undefined;
    if (!seen) connection.connectedUnseen();
    // A program may pool a socket of its own, which has carried no request if nothing was written to it.
    const isReuse = request.reusedSocket && (birth === undefined || socket.bytesWritten > 0);
    if (isReuse || (socket.bytesWritten > 0 && !seen)) connection.uses = undefined;
    connection.endpoints = endpointsOf(socket);
  }
  return connection;
}
