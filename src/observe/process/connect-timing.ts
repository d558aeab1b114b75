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
  if (hasRoom(socket, 'lookup')) socket.prependOnceListener('lookup', onLookup);
  // 'ready' follows at once, and hardly anybody listens to it.
  if (hasRoom(socket, 'connect', OF_NODE)) socket.prependOnceListener('connect', onConnect);
  else if (hasRoom(socket, 'ready')) socket.prependOnceListener('ready', onConnect);
  if (connection.secure && hasRoom(socket, 'secureConnect')) socket.prependOnceListener('secureConnect', onSecure);
  pending.set(socket, () => {
    socket.removeListener('lookup', onLookup);
    socket.removeListener('connect', onConnect);
    socket.removeListener('ready', onConnect);
    socket.removeListener('secureConnect', onSecure);
  });
}

/** Node adds its own 'connect' listeners later: for a write, a read and a timeout that wait for the connection. */
const OF_NODE = 3;

/** Whether one more listener keeps to the program's own limit, beyond which Node warns of a leak. */
function hasRoom(socket: ObservedSocket, event: string, reserved = 0): boolean {
  const limit = socket.getMaxListeners();
  return limit === 0 || socket.listenerCount(event) + reserved < limit;
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
