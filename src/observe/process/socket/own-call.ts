import { executionAsyncResource } from 'node:async_hooks';
import type { Connection } from '../../../connection/connection';
import { isCallOnSocket } from '../../../verdict/evidence/codes';
import { errorFactsOf } from '../../../verdict/evidence/error-facts';
import { isTls } from '../../../verdict/evidence/tls-codes';
import { NODE } from '../private-members';
import { isDestroyedByCall, isDestroyedByWrite } from '../program-frame';
import { read } from '../read-private';
import type { ObservedSocket } from './socket';

/** The errors of calls that failed on observed sockets: each is about its own connection alone. */
const failedCalls = new WeakMap<object, Connection>();

/** Node made this error for a call on the socket of this connection, and destroyed that with it. */
export function isOfCallOn(connection: Connection | undefined, error: unknown): boolean {
  if (connection === undefined || typeof error !== 'object' || error === null) return false;
  return failedCalls.get(error) === connection;
}

/**
 * A call on this socket failed. Node destroys it from within the call's end, or on the next tick if the write failed at
 * once. Elsewhere it is destroyed with the error of something else: a proxy does so with that of its other side, and a
 * pipeline with that of its source. True if the socket has no handle that can be read.
 */
export function isOwnCall(socket: ObservedSocket): boolean {
  return read(socket, NODE.handle) == null || isInOwnCallback(socket) || isDestroyedByWrite();
}

/** If a call on this socket failed, and it was Node, not the program, that destroyed the socket with the error. */
export function noteOwnCall(socket: ObservedSocket, connection: Connection, exception: unknown): void {
  if (typeof exception !== 'object' || exception === null || connection.current?.isDestroyed === true) return;
  const error = errorFactsOf(exception);
  if (!(isCallOnSocket(error.syscall) || isTls(error)) || failedCalls.has(exception)) return;
  if (isDestroyedByWrite() || (isInOwnCallback(socket) && isDestroyedByCall())) failedCalls.set(exception, connection);
}

/**
 * Node is notifying this socket of a read, or of a write's result. A write holds the handle, and so does the async
 * resource by which Node's agent replaces that of a socket that it reuses.
 */
export function isInOwnCallback(socket: ObservedSocket): boolean {
  const handle = read(socket, NODE.handle);
  if (handle == null) return false;
  const resource: { readonly handle?: unknown } | undefined = executionAsyncResource();
  return resource === handle || resource?.handle === handle;
}
