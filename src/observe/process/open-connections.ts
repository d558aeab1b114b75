import { type Closing, mayAnswerProbe } from '../../connection/closing';
import type { Connection, TransportName } from '../../connection/connection';
import type { Origin } from '../../peer/origin';
import { roundTripMs } from '../../verdict/evidence/timing';
import { blindForMs, loopIdleMs, now, wallNow } from './clock';
import { processState } from './process-state';
import { reporterOf } from './reporters';
import { endpointsOf, isSocket } from './socket/socket';

/**
 * A connection that was observed from its beginning is established. `roundTripMs`: how long the connect took, less our
 * own work; undefined if other addresses were tried first.
 */
export function onConnected(connection: Connection, roundTripMs: number | undefined): void {
  connection.origin?.connected(now(), roundTripMs);
  reportOpened(connection);
}

/**
 * The connection is established. It counts as open, unless only an exporter used it or its origin.
 */
export function reportOpened(connection: Connection): void {
  if (connection.isCounted) return;
  const { current, origin } = connection;
  const isSilent = current === undefined ? origin?.isReported !== true : current.silent;
  if (isSilent || !reporterOf(connection.transport, current)?.opened(connection) || isGone(connection)) return;
  connection.isCounted = true;
  processState.open.add(connection);
}

/** It no longer counts. Returns whether it did. */
export function removeFromOpen(connection: Connection): boolean {
  connection.isCounted = false;
  return processState.open.delete(connection);
}

/** An open connection was closed. */
export function reportClosed(connection: Connection, wasIdle: boolean): void {
  if (removeFromOpen(connection)) reporterOf(connection.transport)?.closed(connection, wasIdle);
}

/** The open connections, without those whose end went unnoticed: a class of sockets may override destroy. */
export function openConnections(): ReadonlySet<Connection> {
  for (const connection of processState.open) {
    if (!isGone(connection)) continue;
    const wasIdle = connection.isIdle;
    connection.close({ atMs: now(), how: 'unseen', initiator: 'unknown' });
    reportClosed(connection, wasIdle);
  }
  return processState.open;
}

function isGone({ socket, state }: Connection): boolean {
  if (state === 'closed') return true;
  if (socket === undefined) return false;
  const known = socket.deref();
  return known === undefined || known.destroyed;
}

/** No failure looks at more connections than this. */
const MOST_LOOKED_AT = 1_000;

/**
 * Whether another connection to this origin is open, to the same address as far as that is known. True if there are too
 * many connections to look at all of them.
 */
export function hasOthersOpen(origin: Origin, own: Connection | undefined, address: string | undefined): boolean {
  let left = MOST_LOOKED_AT;
  for (const one of processState.open) {
    left -= 1;
    if (left < 0) return true;
    if (one === own || one.origin !== origin || isGone(one)) continue;
    const other = addressOf(one);
    if (address === undefined || other === undefined || other === address) return true;
  }
  return false;
}

function addressOf({ endpoints, socket }: Connection): string | undefined {
  const known = socket?.deref();
  return (endpoints ?? (isSocket(known) ? endpointsOf(known) : undefined))?.peerAddress;
}

/** A transport is no longer observed, so the ends of its connections will not be seen. */
export function forgetReported(transport: TransportName): void {
  for (const connection of processState.open) if (connection.transport === transport) removeFromOpen(connection);
}

/** Learns the peer's idle timeout from the end of an idle connection: if we closed it, the peer had kept it alive. */
export function learnFromIdleClosing(connection: Connection, closing: Closing): void {
  const { origin, uses } = connection;
  const { atMs, initiator } = closing;
  const idleMs = connection.awakeIdleMs(atMs);
  if (origin === undefined || idleMs === undefined) return;
  // It is unknown when in that time the connection was closed, and which of the clocks is right.
  if (connection.wasSuspended(atMs, wallNow())) return;
  // A host that answers a probe with a reset may have forgotten the connection long before.
  const isOld = mayAnswerProbe(closing, idleMs, roundTripMs(origin));
  const lateMs = isOld ? idleMs : connection.lateMs(atMs, loopIdleMs(), blindForMs());
  if (initiator === 'remote')
    origin.closedIdle({ atMs, idleMs, lateMs, uses, ageMs: connection.ageMs(atMs) }, connection.announcedMs);
  // The peer may have closed it while this process was busy.
  if (initiator === 'local') origin.survived(atMs, idleMs - lateMs);
}
