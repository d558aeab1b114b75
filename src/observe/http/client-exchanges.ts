import { Agent } from 'node:http';
import type { Connection } from '../../connection/connection';
import { field } from '../../connection/field';
import { reportFault } from '../process/patch';
import { processState } from '../process/process-state';
import { unreported } from '../process/read-private';
import { reportMissing } from '../process/report-missing';
import { findClientSpan, reporterOf } from '../process/reporters';
import { isSocket, type ObservedSocket } from '../process/socket/socket';
import { HttpExchange, type ObservedRequest } from './client-exchange';

/**
 * By request, until it is over: the few exchanges that `exchangeOf` does not find on a connection. An entry for each
 * request would cost more than anything else that is done for it.
 */
let exchanges = new WeakMap<object, HttpExchange>();

/** An agent is being asked to carry a request. */
interface AgentCall {
  /** Set while the agent is being asked and has not assigned a connection. */
  request: unknown;
  /** The options of the request, as the agent gets them. */
  options: unknown;
  /** The agent's methods have no other wrapper, so it reports each release. */
  isPool: boolean;
  /** The request's exchange, if already opened when this or another agent was first asked. */
  exchange: HttpExchange | undefined;
}

/** What an agent is being asked now. It is changed in place, because each request passes here. */
export const agentCall: AgentCall = { request: undefined, options: undefined, isPool: false, exchange: undefined };

/** An agent is asked for a request. Returns what it, or another, was being asked before: to be restored afterwards. */
export function beginAgentCall(request: ObservedRequest, options: unknown, isPool: boolean): AgentCall | undefined {
  const outer = agentCall.request === undefined ? undefined : { ...agentCall };
  agentCall.request = request;
  agentCall.options = options;
  agentCall.isPool = isPool;
  agentCall.exchange = openedBefore(request);
  return outer;
}

/** Guarded separately, because a program may pass an agent any object. */
function openedBefore(request: ObservedRequest): HttpExchange | undefined {
  try {
    return exchanges.get(request) ?? (field(request, 'reusedSocket') ? pooledExchangeOf(request) : undefined);
  } catch (error) {
    reportFault(error);
    return undefined;
  }
}

export function endAgentCall(outer: AgentCall | undefined): void {
  agentCall.request = outer?.request;
  agentCall.options = outer?.options;
  agentCall.isPool = outer?.isPool === true;
  agentCall.exchange = outer?.exchange;
}

/** What holds a connection: exchanges of other transports have no `ClientRequest`. */
type Current = HttpExchange | { readonly request: undefined };

/** The exchange of a request, which has this socket now, until it is over. */
export function exchangeOf(
  request: ObservedRequest,
  socket: ObservedRequest['socket'] | undefined = field(request, 'socket'),
): HttpExchange | undefined {
  const current = socket == null ? undefined : (processState.sockets.get(socket)?.current as Current | undefined);
  return current?.request === request ? current : exchanges.get(request);
}

/**
 * The exchange of a request that has taken a connection from the pool of its agent, and gets its socket only on the
 * next tick.
 */
export function pooledExchangeOf(request: ObservedRequest): HttpExchange | undefined {
  if (!(request.agent instanceof Agent)) return undefined;
  for (const socket of Object.values(request.agent.sockets).flat()) {
    const holder = isSocket(socket) ? exchangeOf(request, socket) : undefined;
    if (holder === undefined) continue;
    // It may get another connection.
    indexByRequest(holder);
    return holder;
  }
  return undefined;
}

/** Indexes the exchange by its request, because its connection does not lead to it. */
export function indexByRequest(exchange: HttpExchange): void {
  exchanges.set(exchange.request, exchange);
  exchange.isIndexed = true;
}

function unindex(exchange: HttpExchange): void {
  if (!exchange.isIndexed) return;
  exchanges.delete(exchange.request);
  exchange.isIndexed = false;
}

/** A request is being constructed. Its CLIENT span, if it has one, is the active span now. */
export function openExchange(request: ObservedRequest, nowMs: number): HttpExchange {
  const options = agentCall.request === request ? agentCall.options : undefined;
  const exchange = new HttpExchange(request, nowMs, options);
  if (unreported.length > 0) reportMissing();
  findClientSpan(exchange, request);
  // Without an agent, the port was not passed to anyone.
  if (options === undefined) exchange.spanPort = reporterOf('httpClient', exchange)?.portOf(exchange.span);
  return exchange;
}

/** Opens an exchange without a connection. */
export function openUnconnected(request: ObservedRequest, nowMs: number): HttpExchange {
  const exchange = openExchange(request, nowMs);
  indexByRequest(exchange);
  if (agentCall.request === request) agentCall.exchange = exchange;
  return exchange;
}

/** The connection of an exchange lives on without it. */
export function endExchange(exchange: HttpExchange): void {
  const { request, response } = exchange;
  // The request was abandoned before it was sent, and has yet to fail.
  if (response === undefined && request.destroyed) {
    indexByRequest(exchange);
    return;
  }
  unindex(exchange);
  noteEnd(exchange);
  // A request that was given a second socket may also hold another connection.
  if (!exchange.wroteBefore) exchange.end();
}

/** Values in a WeakMap survive young-generation collections, and an exchange refers to its request, socket and span. */
export function forgetExchange(connection: Connection): void {
  if (connection.current instanceof HttpExchange) unindex(connection.current);
  connection.current = undefined;
}

export function forgetExchanges(): void {
  exchanges = new WeakMap();
}

/**
 * How many exchanges there are for which the end of the response matters. Exchanges that never end are over-counted,
 * which only costs a check per message.
 */
export let awaited = 0;

export function awaitEnd(exchange: HttpExchange): void {
  if (exchange.isEndAwaited) return;
  exchange.isEndAwaited = true;
  awaited += 1;
}

/** The response is over. */
export function noteEnd(exchange: HttpExchange): void {
  if (!exchange.isEndAwaited) return;
  exchange.isEndAwaited = false;
  awaited -= 1;
}

export function socketOf(request: ObservedRequest): ObservedSocket | undefined {
  const socket = field(request, 'socket');
  return isSocket(socket) ? socket : undefined;
}
