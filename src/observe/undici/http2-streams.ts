import type { Connection } from '../../connection/connection';
import type { UndiciExchange } from './exchange';

/** The HTTP/2 connections to one origin. */
interface Streams {
  readonly open: Set<Connection>;
  /** When one of them ended last. */
  endedMs: number;
}

let byOrigin = new WeakMap<object, Streams>();
let byConnection = new WeakMap<Connection, Streams>();

export function forgetStreams(): void {
  byOrigin = new WeakMap();
  byConnection = new WeakMap();
}

/** A connection turned out to speak HTTP/2. */
export function noteStreams(connection: Connection): void {
  const { origin } = connection;
  if (origin === undefined) return;
  const streams = byOrigin.get(origin) ?? { open: new Set(), endedMs: Number.NEGATIVE_INFINITY };
  streams.open.add(connection);
  byOrigin.set(origin, streams);
  byConnection.set(connection, streams);
}

/** A connection, of whatever protocol, has ended. */
export function endStreams(connection: Connection, atMs: number): void {
  const streams = byConnection.get(connection);
  if (streams?.open.delete(connection)) streams.endedMs = atMs;
}

/**
 * Whether a request that was never seen on a connection may have been written all the same: undici 6 does not say which
 * requests it writes on HTTP/2. Not if no such connection to the origin was up in its life.
 */
export function mayBeStream({ bodySent, origin, createdMs }: UndiciExchange): boolean {
  const streams = origin && byOrigin.get(origin);
  return bodySent || (streams !== undefined && (streams.open.size > 0 || streams.endedMs >= createdMs));
}
