import type { Connection } from '../../../connection/connection';
import { dispatchedOn, isNodesOwn, isSecure, type ObservedSocket } from './socket';
import { isHandshaking, wasUsed } from './stage';

/** What a request found on its connection; taken at the acquire. */
export interface Baseline {
  /** Bytes dispatched so far; undefined where the count cannot be trusted. */
  readonly dispatched: number | undefined;
  /** The connection was destroyed already, or this side had ended it: Node's own sockets write nothing then. */
  readonly isDead: boolean;
  /** A socket of Node's own, which writes as Node does. */
  readonly isOwn: boolean;
}

export function baselineOf(socket: ObservedSocket): Baseline {
  const isOwn = isNodesOwn(socket);
  return {
    dispatched: isOwn ? dispatchedOn(socket) : undefined,
    isDead: isOwn && (socket.destroyed || socket.writableEnded),
    isOwn,
  };
}

/**
 * Proof that no byte of a request reached the kernel: a socket of Node's own that was dead before, that has not finished
 * its TLS handshake, or that counts, on plain TCP, no byte more than at the acquire. Nothing else proves it.
 */
export function isUnsent(socket: ObservedSocket, connection: Connection, baseline: Baseline): boolean {
  if (baseline.isDead) return true;
  if (baseline.dispatched === undefined || !isNodesOwn(socket)) return false;
  if (isSecure(socket)) return !wasUsed(socket, connection) && isHandshaking(socket);
  return connection.current?.firstWriteFailed === true || dispatchedOn(socket) === baseline.dispatched;
}
