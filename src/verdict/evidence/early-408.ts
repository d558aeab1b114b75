import type { Exchange } from '../../connection/exchange';
import type { Evidence } from './evidence';
import { wasInKernel } from './timing';

/**
 * Whether this answer closes an idle connection: a 408 with `Connection: close` that was sent before the peer can have
 * seen the request. `loopIdleMs`: how long the event loop had waited in total when it arrived.
 */
export function isEarly408(
  exchange: Exchange,
  statusCode: number | undefined,
  connectionHeader: unknown,
  loopIdleMs: number,
): boolean {
  return (
    statusCode === 408 &&
    exchange.reused === true &&
    /\bclose\b/i.test(String(connectionHeader)) &&
    wasInKernel(exchange.waitedMs(loopIdleMs))
  );
}

/**
 * The only answer that is a failure: with status 408, evidence on an exchange is collected only if the answer came too
 * early.
 */
export function endedByEarly408({ exchange, statusCode, error, closing }: Evidence): boolean {
  return statusCode === 408 && exchange.reused === true && error.code === '' && closing === undefined;
}
