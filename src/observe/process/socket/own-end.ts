import { executionAsyncId, triggerAsyncId } from 'node:async_hooks';
import type { Closing, OwnEnd } from '../../../connection/closing';
import type { Connection } from '../../../connection/connection';
import { lateAfterMs } from '../../../verdict/evidence/timing';
import { now } from '../clock';
import { type ObservedSocket, socketBelow } from './socket';

/** How a connection ended whose peer has ended its side, and whether ours had before; undefined if the peer has not. */
export function endOf(socket: ObservedSocket, connection: Connection | undefined): Omit<Closing, 'atMs'> | undefined {
  if (!socket.readableEnded) return undefined;
  const ownEnd = connection && ownEndOf(socket, connection);
  if (connection === undefined || ownEnd === undefined) return { how: 'fin', initiator: 'remote' };
  // Some programs end their side after the request, and wait for the answer.
  const hasGoneOn = socket.bytesRead > ownEnd.bytesRead && now() - ownEnd.atMs > lateAfterMs(connection.origin);
  if (hasGoneOn && !ownEnd.bySocketTimer) return { how: 'fin', initiator: 'unknown', byBoth: true };
  return { how: 'program', initiator: 'local', byBoth: true };
}

/**
 * When this process had ended its side, at the latest: nobody sees when it does so on the socket below TLS, which many
 * servers keep for their shutdown.
 */
export function ownEndOf(socket: ObservedSocket, { endedHere }: Connection): OwnEnd | undefined {
  if (endedHere !== undefined || socketBelow(socket)?.writableEnded !== true) return endedHere;
  return { atMs: now(), bytesRead: socket.bytesRead, bySocketTimer: false };
}

/** This process ends its side of a connection whose peer has not ended its own. */
export function noteOwnEnd(socket: ObservedSocket, connection: Connection): void {
  const { bytesRead } = socket;
  connection.endedHere = { atMs: now(), bytesRead, bySocketTimer: isBySocketTimer(connection) };
}

/** The running code was started by the socket's timer. */
export function isBySocketTimer({ current }: Connection): boolean {
  const firedIn = current?.timedOutIn;
  return firedIn !== undefined && (executionAsyncId() === firedIn || triggerAsyncId() === firedIn);
}
