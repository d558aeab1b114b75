import type { Connection } from '../../connection/connection';
import { findClientSpan, reporterOf } from '../process/process-state';
import { reportMissing } from '../process/report-missing';
import { isSocket, type ObservedSocket } from '../process/socket/socket';
import { HttpExchange, type ObservedRequest } from './client-exchange';

/** By request, until it is over. */
export let exchanges = new WeakMap<object, HttpExchange>();

/** The request that an agent is being asked to carry, as long as it got no connection, and its options. */
export const asked: { request: unknown; options: unknown } = { request: undefined, options: undefined };

/** A request is being constructed. Its CLIENT span, if it has one, is the active span now. */
export function openExchange(request: ObservedRequest, nowMs: number): HttpExchange {
  const options = asked.request === request ? asked.options : undefined;
  const exchange = new HttpExchange(request, nowMs, options);
  reportMissing();
  findClientSpan(exchange, request);
  // Without an agent, the port was not passed to anyone.
  if (options === undefined) exchange.spanPort = reporterOf('httpClient', exchange)?.portOf(exchange.span);
  exchanges.set(request, exchange);
  return exchange;
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
  return isSocket(request.socket) ? request.socket : undefined;
}
