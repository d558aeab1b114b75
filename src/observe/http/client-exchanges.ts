import type { Connection } from '../../connection/connection';
import { now } from '../process/clock';
import { findClientSpan, reporterOf } from '../process/process-state';
import { reportMissing } from '../process/report-missing';
import { isSocket, type ObservedSocket } from '../process/socket/socket';
import { HttpExchange, type ObservedRequest } from './client-exchange';

let exchanges = new WeakMap<object, HttpExchange>();

export function exchangeOf(request: object): HttpExchange | undefined {
  return exchanges.get(request);
}

/** A request whose construction is under way. Its CLIENT span, if it has one, is the active span now. */
export function openExchange(request: ObservedRequest, options?: unknown): HttpExchange {
  const exchange = new HttpExchange(request, now(), options);
  reportMissing();
  findClientSpan(exchange, request);
  // Without an agent, nobody was told the port.
  if (options === undefined) exchange.spanPort = reporterOf('httpClient', exchange)?.portOf(exchange.span);
  exchanges.set(request, exchange);
  return exchange;
}

/** What a WeakMap holds survives young collections, and an exchange leads to its request, socket and span. */
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
