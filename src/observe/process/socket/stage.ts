import type { Connection } from '../../../connection/connection';
import { isSetupCall } from '../../../verdict/evidence/codes';
import { errorFactsOf, property } from '../../../verdict/evidence/error-facts';
import type { Evidence } from '../../../verdict/evidence/evidence';
import { NODE } from '../private-members';
import { read } from '../read-private';
import { dispatchedOn, isSecure, type ObservedSocket } from './socket';

/**
 * How far the set-up of a connection got, according to the socket, read before or while it is destroyed. `exception` is
 * the error with which it is destroyed.
 */
export function stageOn(socket: ObservedSocket, connection: Connection, exception?: unknown): Evidence['stage'] {
  if (wasUsed(socket, connection)) return 'ready';
  if (socket.connecting || isConnectError(socket, connection, exception))
    return isResolving(socket) ? 'dns' : 'connect';
  return isHandshaking(socket, exception) ? 'tls' : 'ready';
}

/**
 * Node itself is looking a name up for this socket: the kernel has not been asked to connect it, which would have given
 * it a local port.
 */
export function isResolving(socket: ObservedSocket): boolean {
  const handle = typeof read(socket, NODE.host) === 'string' ? read(socket, NODE.handle) : undefined;
  const getsockname = handle == null ? undefined : read(handle, NODE.getsockname);
  return getsockname !== undefined && getsockname.call(handle, {}) !== 0;
}

/**
 * The socket's own connect failed: it was never observed to be connected, and has dispatched nothing. A program may
 * destroy a socket with another's error.
 */
function isConnectError(socket: ObservedSocket, { stage }: Connection, exception: unknown): boolean {
  if (stage === 'ready' || stage === 'tls' || dispatchedOn(socket) !== 0) return false;
  return isSetupCall(errorFactsOf(exception).syscall);
}

/**
 * The TLS handshake is not finished, or `exception` is that this side refuses the peer's certificate, according to the
 * socket itself: that a listener was not called proves nothing.
 */
export function isHandshaking(socket: ObservedSocket, exception?: unknown): boolean {
  if (!isSecure(socket) || socket.bytesRead > 0) return false;
  if (read(socket, NODE.secureEstablished) === false) return true;
  if (!isRefusal(socket, exception) || read(socket, NODE.connectOptions) === undefined) return false;
  return read(socket, NODE.secureConnecting) === true;
}

/** A program that verifies certificates itself may set `authorizationError` on a connection that it uses. */
function isRefusal(socket: ObservedSocket, exception: unknown): boolean {
  const reason = property(socket, 'authorizationError');
  return reason != null && (property(exception, 'code') || property(exception, 'message')) === reason;
}

/**
 * Something was received on the connection, or sent for an earlier request: it is established, whatever else is
 * missing.
 */
export function wasUsed(socket: ObservedSocket, connection: Connection): boolean {
  const { uses, current } = connection;
  return socket.bytesRead > 0 || uses === undefined || uses > (current !== undefined && current.writes > 0 ? 1 : 0);
}
