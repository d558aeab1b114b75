import type { Connection } from '../../../connection/connection';
import { dispatchedOn, isNodesOwn, isSecure, type ObservedSocket } from './socket';
import { isHandshaking, wasUsed } from './stage';

/** What a request found on its connection, recorded at the acquire. */
export interface Baseline {
  /** Bytes dispatched so far; undefined where the count cannot be trusted. */
  readonly dispatchedAtAcquire: number | undefined;
  /** The connection was already destroyed, or this side had ended it: Node's own sockets write nothing then. */
  readonly isDeadAtAcquire: boolean;
}

/**
 * Proof that no byte of a request reached the kernel: one of Node's own sockets that was already dead, has not finished
 * its TLS handshake, or, on plain TCP, has counted no byte since the acquire. Nothing else proves it.
 */
export function isUnsent(
  socket: ObservedSocket,
  connection: Connection,
  { isDeadAtAcquire, dispatchedAtAcquire }: Baseline,
): boolean {
  if (isDeadAtAcquire) return true;
  if (dispatchedAtAcquire === undefined || !isNodesOwn(socket)) return false;
  if (isSecure(socket)) return !wasUsed(socket, connection) && isHandshaking(socket);
  return connection.current?.firstWriteFailed === true || dispatchedOn(socket) === dispatchedAtAcquire;
}
