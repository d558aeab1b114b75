import type { Connection } from '../../connection/connection';
import type { UndiciExchange } from './exchange';

/** The requests in flight on each connection, in order of arrival: with pipelining or HTTP/2 more than one. */
let inFlight = new WeakMap<Connection, Set<UndiciExchange>>();

export function forgetInFlight(): void {
  inFlight = new WeakMap();
}

const NONE: ReadonlySet<UndiciExchange> = new Set();

/** The requests in flight on a connection, oldest first. */
export function exchangesOn(connection: Connection): ReadonlySet<UndiciExchange> {
  return inFlight.get(connection) ?? NONE;
}

export function addExchange(connection: Connection, exchange: UndiciExchange): void {
  const exchanges = inFlight.get(connection);
  if (exchanges === undefined) inFlight.set(connection, new Set([exchange]));
  else exchanges.add(exchange);
}

/** Returns false if it was not in flight. */
export function removeExchange(connection: Connection, exchange: UndiciExchange): boolean {
  return inFlight.get(connection)?.delete(exchange) === true;
}

/** The oldest request on a connection: on HTTP/1.1 the one whose answer comes next. */
export function firstOn(connection: Connection | undefined): UndiciExchange | undefined {
  if (connection === undefined) return undefined;
  const [first] = exchangesOn(connection);
  return first;
}
