import { isIP } from 'node:net';
import type { Connection, TransportName } from '../../../connection/connection';
import { entriesOf, type FailedAddress, property } from '../../../verdict/evidence/error-facts';
import { loopIdleMs, now } from '../clock';
import { reportOpened } from '../open-connections';
import { guarded, type Undo } from '../patch';
import { endpointsOf, type ObservedSocket } from './socket';
import { isHandshaking } from './stage';

/** A socket that is being connected. Held weakly, because its end may go unnoticed. */
interface Setup {
  readonly transport: TransportName;
  readonly socket: WeakRef<ObservedSocket>;
}

const setups = new Set<Setup>();
/** The functions that remove the listeners of a set-up. */
const undos = new WeakMap<ObservedSocket, Undo>();
const FEW = 64;
/** Shorter busy times while connecting are not mentioned. */
const BUSY_MS = 20;
/** At this number of set-ups, those whose socket is gone are removed. */
let many = FEW;

/**
 * Times the set-up of a connection. These are the only listeners on a client socket: `lookup`, `connect` (or `ready`)
 * and `secureConnect`, on a socket that an HTTP request is connecting. They are removed once it is connected or
 * destroyed, or the observation ends. `isWhole`: no step passed unseen since connecting began, when the event loop had
 * waited for `loopIdleAtCreationMs`.
 */
export function timeSetup(
  socket: ObservedSocket,
  connection: Connection,
  opened: (connection: Connection, roundTripMs: number | undefined) => void,
  isWhole = true,
  loopIdleAtCreationMs = loopIdleMs(),
): void {
  let loopIdleBeforeMs = loopIdleAtCreationMs;
  let roundTripMs: number | undefined;
  const done = () => {
    finishSetup(socket);
    connection.endpoints ??= endpointsOf(socket);
    opened(connection, roundTripMs);
  };
  const onLookup = guarded((error: unknown) => {
    if (error != null || !isWhole) return;
    connection.resolved(now());
    loopIdleBeforeMs = loopIdleMs();
  });
  const onConnect = guarded(() => {
    connection.connected(now());
    const waitedMs = loopIdleMs() - loopIdleBeforeMs;
    const busyMs = (connection.connectMs ?? 0) - waitedMs;
    if (busyMs >= BUSY_MS) connection.busyMs = busyMs;
    if (!isWhole) connection.connectMs = undefined;
    else if (!hasTriedAnother(socket)) roundTripMs = waitedMs;
    if (!connection.secure) done();
  });
  const onSecure = guarded(() => {
    connection.secured(now());
    connection.current?.secured(now(), loopIdleMs());
    done();
  });
  // Before the client's listeners, which may write a request immediately.
  if (hasRoom(socket, 'lookup')) socket.prependOnceListener('lookup', onLookup);
  // 'ready' follows immediately, and is rarely listened to.
  if (hasRoom(socket, 'connect', OF_NODE)) socket.prependOnceListener('connect', onConnect);
  else if (hasRoom(socket, 'ready')) socket.prependOnceListener('ready', onConnect);
  if (connection.secure && hasRoom(socket, 'secureConnect')) socket.prependOnceListener('secureConnect', onSecure);
  const setup = { transport: connection.transport, socket: new WeakRef(socket) };
  addSetup(setup);
  undos.set(socket, () => {
    setups.delete(setup);
    socket.removeListener('lookup', onLookup);
    socket.removeListener('connect', onConnect);
    socket.removeListener('ready', onConnect);
    socket.removeListener('secureConnect', onSecure);
  });
}

/** Node records which of several addresses it has tried. An address literal is the only one. */
export function attemptedLast(socket: ObservedSocket): FailedAddress | undefined {
  const last = socket.autoSelectFamilyAttemptedAddresses?.at(-1);
  const colon = last?.lastIndexOf(':') ?? -1;
  if (last === undefined || colon < 0) return undefined;
  const address = last.slice(0, colon);
  return isIP(address) === 0 ? undefined : { address, port: Number(last.slice(colon + 1)) };
}

/** Another address was tried first, which is part of the time that the connect took. */
function hasTriedAnother(socket: ObservedSocket): boolean {
  return entriesOf(property(socket, 'autoSelectFamilyAttemptedAddresses')).length > 1;
}

/** Node later adds its own 'connect' listeners: for a write, a read and a timeout that wait for the connection. */
const OF_NODE = 3;

/** Whether one more listener stays within the program's limit, above which Node warns of a leak. */
function hasRoom(socket: ObservedSocket, event: string, reserved = 0): boolean {
  const limit = socket.getMaxListeners();
  return limit === 0 || socket.listenerCount(event) + reserved < limit;
}

/**
 * A connection may be established although our listeners were not called: another instance removed them, or the socket
 * never emits the event. The state of the socket decides.
 */
export function catchUp(socket: ObservedSocket, connection: Connection): void {
  if (connection.state !== 'connecting' || socket.connecting || isHandshaking(socket)) return;
  finishSetup(socket);
  connection.endpoints ??= endpointsOf(socket);
  connection.connectedUnseen();
  reportOpened(connection);
}

/** Removes our listeners from one socket. */
export function finishSetup(socket: ObservedSocket): void {
  undos.get(socket)?.();
  undos.delete(socket);
}

/** Removes our listeners from all sockets of a transport. */
export function finishSetups(transport: TransportName): void {
  for (const setup of setups) {
    const socket = setup.transport === transport ? setup.socket.deref() : undefined;
    if (socket !== undefined) finishSetup(socket);
  }
}

function addSetup(setup: Setup): void {
  setups.add(setup);
  if (setups.size < many) return;
  for (const one of setups) if (one.socket.deref() === undefined) setups.delete(one);
  many = Math.max(FEW, 2 * setups.size);
}
