import { isIP } from 'node:net';
import type { Connection } from '../../connection/connection';
import { loopIdleMs, now } from './clock';
import { guarded, type Undo } from './patch';
import { endpointsOf, type ObservedSocket } from './socket';

/** Takes away the listeners of sockets that are being connected right now. */
const pending = new Map<ObservedSocket, Undo>();

/** Whether connecting this socket begins with a name: an address literal and a Unix socket need no look-up. */
export function needsLookup(host: string | undefined, socketPath: unknown): boolean {
  return typeof socketPath !== 'string' && host !== undefined && isIP(host.replace(/^\[|\]$/g, '')) === 0;
}

/**
 * Times the set-up of a connection. The only listeners on a client socket: `lookup`, `connect` and `secureConnect`, on
 * a socket that an HTTP request is connecting, gone once it is connected, destroyed, or the observation ends.
 */
export function timeSetup(
  socket: ObservedSocket,
  connection: Connection,
  opened: (connection: Connection, roundTripMs: number) => void,
): void {
  let waitedBefore = loopIdleMs();
  let roundTripMs = 0;
  const done = () => {
    finishSetup(socket);
    connection.endpoints ??= endpointsOf(socket);
    opened(connection, roundTripMs);
  };
  const onLookup = guarded(() => {
    connection.resolved(now());
    waitedBefore = loopIdleMs();
  });
  const onConnect = guarded(() => {
    connection.connected(now());
    roundTripMs = loopIdleMs() - waitedBefore;
    if (!connection.secure) done();
  });
  const onSecure = guarded(() => {
    connection.secured(now());
    connection.current?.secured(now(), loopIdleMs());
    done();
  });
  // Before those of the client, which may write a request at once.
  socket.prependOnceListener('lookup', onLookup);
  socket.prependOnceListener('connect', onConnect);
  if (connection.secure) socket.prependOnceListener('secureConnect', onSecure);
  pending.set(socket, () => {
    socket.removeListener('lookup', onLookup);
    socket.removeListener('connect', onConnect);
    socket.removeListener('secureConnect', onSecure);
  });
}

/** Takes our listeners off one socket. */
export function finishSetup(socket: ObservedSocket): void {
  pending.get(socket)?.();
  pending.delete(socket);
}

/** Takes our listeners off all sockets. */
export function finishAllSetups(): void {
  for (const socket of pending.keys()) finishSetup(socket);
}
