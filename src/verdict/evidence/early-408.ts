import type { Exchange } from '../../connection/exchange';
import type { Evidence } from './evidence';
import { wasInKernel } from './timing';

/** If this process was busy for longer, the peer may have read the request meanwhile, although no time was waited. */
const AT_ONCE_MS = 10;

/**
 * Whether this answer closes an idle connection: a 408 with `Connection: close` that was sent before the peer can have
 * seen the request. `nowMs`: when it was read; `loopIdleMs`: how long the event loop had waited in total by then.
 */
export function isEarly408(
  exchange: Exchange,
  statusCode: number | undefined,
  connectionHeader: unknown,
  nowMs: number,
  loopIdleMs: number,
): boolean {
  return (
    statusCode === 408 &&
    exchange.reused === true &&
    /\bclose\b/i.test(String(connectionHeader)) &&
    wasInKernel(exchange.waitedMs(loopIdleMs)) &&
    nowMs - (exchange.firstWriteMs ?? nowMs) < AT_ONCE_MS
  );
}

/**
 * The only answer that is a failure: with status 408, evidence on an exchange is collected only if the answer came too
 * early.
 */
export function endedByEarly408({ exchange, statusCode, error, closing }: Evidence): boolean {
  return statusCode === 408 && exchange.reused === true && error.code === '' && closing === undefined;
}
