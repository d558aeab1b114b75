import type { Origin } from '../../peer/origin';
import type { UndiciExchange, UndiciRequest } from './exchange';

/** A client begins to connect this soon after creating a request; other subscribers run in between. */
const SAME_CALL_MS = 100;

let exchanges = new WeakMap<object, UndiciExchange>();
/** The exchange looked up last, until it is over; the next event is usually for it. */
let latest: UndiciExchange | undefined;

/** From now on, the request leads to its exchange. */
export function indexByRequest(exchange: UndiciExchange): void {
  exchanges.set(exchange.request, exchange);
  latest = exchange;
}

/** The exchange of a request, until it is over. */
export function exchangeOf(request: UndiciRequest): UndiciExchange | undefined {
  if (latest?.request !== request) latest = exchanges.get(request);
  return latest;
}

/**
 * A client has no connection and begins to connect, in the call that makes its first request: that waits for this
 * connection.
 */
export function noteConnecting(origin: Origin, nowMs: number): void {
  origin.connectingMs = nowMs;
  if (latest === undefined || latest.origin !== origin || nowMs - latest.createdMs > SAME_CALL_MS) return;
  if (latest.attempt === undefined && latest.outcome === 'open') latest.hasOwnConnect = true;
}

/** The request was answered: it no longer leads to its exchange. */
export function unindex(request: UndiciRequest): void {
  exchanges.delete(request);
  forgetLatest();
}

/** The request that was looked up last is over: only the request itself leads to its exchange now. */
export function forgetLatest(): void {
  latest = undefined;
}

export function forgetExchanges(): void {
  exchanges = new WeakMap();
  forgetLatest();
}
