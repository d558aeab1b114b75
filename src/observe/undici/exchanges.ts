import type { UndiciExchange, UndiciRequest } from './exchange';

let exchanges = new WeakMap<object, UndiciExchange>();
/** The one that was asked for last: the next event is mostly its own. */
let latest: UndiciExchange | undefined;

/** From now on, the request leads to its exchange. */
export function lead(exchange: UndiciExchange): void {
  exchanges.set(exchange.request, exchange);
  latest = exchange;
}

/** The exchange of a request, until it is over. */
export function exchangeOf(request: UndiciRequest): UndiciExchange | undefined {
  if (latest?.request !== request) latest = exchanges.get(request);
  return latest;
}

/** The request was answered. */
export function forget(request: UndiciRequest): void {
  exchanges.delete(request);
  release(request);
}

/** The request is over, and its error may still be asked for. */
export function release(request: UndiciRequest): void {
  if (latest?.request === request) latest = undefined;
}

export function forgetExchanges(): void {
  exchanges = new WeakMap();
  latest = undefined;
}
