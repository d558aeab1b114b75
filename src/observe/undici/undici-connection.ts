import type { Connection } from '../../connection/connection';
import type { CurrentExchange } from '../../connection/current-exchange';
import {
  type CarrierKind,
  carrierKindOf,
  dispatchedOn,
  isNodesOwn,
  isSecure,
  type ObservedSocket,
} from '../process/socket/socket';

/** A request in flight, as its connection knows it. */
interface RequestInFlight extends CurrentExchange {
  /** The current attempt, which counts bytes read for it, and stops counting when the socket is destroyed. */
  readonly attempt: { readOn(): void; freeze(): void } | undefined;
}

/** A connection as undici uses it: what carries its bytes, and the requests in flight on it. */
export class UndiciConnection {
  /** The observation to which it belongs. */
  readonly observation = observation;
  /** What carries the bytes; undefined if unknown. */
  kind: CarrierKind = undefined;
  /** Written bytes go straight to the handle, without a method of the program's own in between. */
  isDirect = false;
  /** The kernel's handle itself counts the bytes that are sent. */
  countsBytes = false;
  /** All of this was determined. */
  isKnown = false;
  /** The oldest request: on HTTP/1.1 the one whose answer comes next. */
  first: RequestInFlight | undefined = undefined;
  /** Requests that came while the first was in flight, in order: with pipelining or HTTP/2. */
  later: Set<RequestInFlight> | undefined = undefined;
  /** The last `Keep-Alive` header for which undici's idle timeout was read; null before the first. */
  keepAlive: string | undefined | null = null;
  /** The idle timeout that undici computed from it. */
  keepAliveTimeoutMs: number | undefined = undefined;

  /** Called until it is known: it is determined while the socket is open. */
  look(socket: ObservedSocket): void {
    const kind = openCarrierOf(socket);
    if (socket.destroyed || socket.connecting) return;
    this.kind = kind;
    this.isDirect = (kind === 'tcp' || kind === 'pipe') && isNodesOwn(socket);
    this.countsBytes = this.isDirect && !isSecure(socket) && dispatchedOn(socket) !== undefined;
    this.isKnown = true;
  }

  /** The requests in flight, oldest first. */
  get exchanges(): readonly RequestInFlight[] {
    return this.first === undefined ? [] : [this.first, ...(this.later ?? [])];
  }

  add(exchange: RequestInFlight): void {
    if (this.first === undefined) this.first = exchange;
    else if (this.first !== exchange) {
      this.later ??= new Set();
      this.later.add(exchange);
    }
  }

  /** Returns false if it was not in flight. */
  remove(exchange: RequestInFlight): boolean {
    if (this.first !== exchange) return this.later?.delete(exchange) === true;
    this.first = undefined;
    if (this.later !== undefined) this.#takeNext(this.later);
    return true;
  }

  #takeNext(later: Set<RequestInFlight>): void {
    const [next] = later;
    this.first = next;
    if (next !== undefined) later.delete(next);
  }
}

/** Stands for the present observation: of how a connection was used during an earlier one, this one knows nothing. */
let observation = {};

export function forgetUndiciConnections(): void {
  observation = {};
}

/** How undici uses this connection; undefined if it has not used it. */
export function usedByUndici(connection: Connection | undefined): UndiciConnection | undefined {
  const use = connection?.clientState as UndiciConnection | undefined;
  return use?.observation === observation ? use : undefined;
}

/** undici uses this connection, which is on this socket. */
export function stateOf(connection: Connection, socket: ObservedSocket): UndiciConnection {
  let use = usedByUndici(connection);
  if (use === undefined) {
    use = new UndiciConnection();
    connection.clientState = use;
  }
  if (!use.isKnown) use.look(socket);
  return use;
}

/** What carries the bytes of a socket that is open; undefined if unknown. */
export function openCarrierOf(socket: ObservedSocket): CarrierKind {
  return socket.destroyed || socket.connecting ? undefined : carrierKindOf(socket);
}
