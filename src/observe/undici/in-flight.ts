import type { Connection } from '../../connection/connection';
import type { UndiciExchange } from './exchange';

/** The requests in flight on one connection: with pipelining or HTTP/2 more than one. */
interface InFlight {
  first: UndiciExchange | undefined;
  /** Those that came while the first was in flight, in order of arrival. */
  later: Set<UndiciExchange> | undefined;
}

let inFlight = new WeakMap<Connection, InFlight>();

export function forgetInFlight(): void {
  inFlight = new WeakMap();
}

/** The requests in flight on a connection, oldest first. */
export function exchangesOn(connection: Connection): readonly UndiciExchange[] {
  const { first, later = [] } = inFlight.get(connection) ?? {};
  return first === undefined ? [] : [first, ...later];
}

export function addExchange(connection: Connection, exchange: UndiciExchange): void {
  const known = inFlight.get(connection);
  if (known === undefined) inFlight.set(connection, { first: exchange, later: undefined });
  else if (known.first === undefined) known.first = exchange;
  else if (known.first !== exchange) {
    known.later ??= new Set();
    known.later.add(exchange);
  }
}

/** Returns false if it was not in flight. */
export function removeExchange(connection: Connection, exchange: UndiciExchange): boolean {
  const known = inFlight.get(connection);
  if (known === undefined) return false;
  if (known.first !== exchange) return known.later?.delete(exchange) === true;
  const [next] = known.later ?? NONE;
  known.first = next;
  if (next !== undefined) known.later?.delete(next);
  return true;
}

const NONE: readonly UndiciExchange[] = [];

/** The oldest request on a connection: on HTTP/1.1 the one whose answer comes next. */
export function firstOn(connection: Connection | undefined): UndiciExchange | undefined {
  return connection === undefined ? undefined : inFlight.get(connection)?.first;
}
