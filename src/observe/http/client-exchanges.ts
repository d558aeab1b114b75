import type { Connection } from '../../connection/connection';
import { field } from '../../connection/field';
import { findClientSpan, processState, reporterOf } from '../process/process-state';
import { reportMissing } from '../process/report-missing';
import { isSocket, type ObservedSocket } from '../process/socket/socket';
import { HttpExchange, type ObservedRequest } from './client-exchange';

/**
 * By request, until it is over: the few exchanges that `exchangeOf` does not find on a connection. An entry for each
 * request would cost more than anything else that is done for it.
 */
export let exchanges = new WeakMap<object, HttpExchange>();

/** The request that an agent is being asked to carry, as long as it got no connection, and its options. */
export const asked: { request: unknown; options: unknown } = { request: undefined, options: undefined };

/** What holds a connection: exchanges of other transports have no `ClientRequest`. */
type Current = HttpExchange | { readonly request: undefined };

/** The exchange of a request, until it is over. */
export function exchangeOf(request: ObservedRequest): HttpExchange | undefined {
  const socket = field(request, 'socket');
  const current = socket == null ? undefined : (processState.sockets.get(socket)?.current as Current | undefined);
  return current?.request === request ? current : exchanges.get(request);
}

/** A request is being constructed. Its CLIENT span, if it has one, is the active span now. */
export function openExchange(request: ObservedRequest, nowMs: number): HttpExchange {
  const options = asked.request === request ? asked.options : undefined;
  const exchange = new HttpExchange(request, nowMs, options);
  reportMissing();
  findClientSpan(exchange, request);
  // Without an agent, the port was not passed to anyone.
  if (options === undefined) exchange.spanPort = reporterOf('httpClient', exchange)?.portOf(exchange.span);
  return exchange;
}

/** The same for a request that has no connection yet. */
export function openUnconnected(request: ObservedRequest, nowMs: number): HttpExchange {
  const exchange = openExchange(request, nowMs);
  exchanges.set(request, exchange);
  return exchange;
}

/** The connection of an exchange lives on without it. */
export function endExchange(exchange: HttpExchange): void {
  const { request, response } = exchange;
  // It was given up before it was sent, and is still to fail.
  if (response === undefined && request.destroyed) {
    exchanges.set(request, exchange);
    return;
  }
  exchanges.delete(request);
  // A request that was given a second socket may hold another connection, too.
  if (!exchange.wroteBefore) exchange.end();
}

/** Values in a WeakMap survive young-generation collections, and an exchange refers to its request, socket and span. */
export function forgetExchange(connection: Connection): void {
  if (connection.current instanceof HttpExchange) exchanges.delete(connection.current.request);
  connection.current = undefined;
}

export function forgetExchanges(): void {
  exchanges = new WeakMap();
}

export function socketOf(request: ObservedRequest): ObservedSocket | undefined {
  const socket = field(request, 'socket');
  return isSocket(socket) ? socket : undefined;
}
