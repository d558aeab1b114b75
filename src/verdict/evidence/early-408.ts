import type { Exchange } from '../../connection/exchange';
import type { Evidence } from './evidence';
import { isFarTooEarly, wasInKernel } from './timing';

/** If this process was busy for longer, the peer may have read the request meanwhile, although no time was waited. */
const AT_ONCE_MS = 10;

/** Without a look for so long, what had arrived before the write is likely to be read after it. */
const LONG_BLIND_MS = 50;

/**
 * Whether this answer closes an idle connection: a 408 with `Connection: close` that was sent before the peer can have
 * seen the request. Where the round trip is too short to measure, that shows only if this process did not look at its
 * sockets before, and on a connection that was idle for longer than others survived. `nowMs`: when it was read;
 * `loopIdleNowMs`: how long the event loop had waited in total by then.
 */
export function isEarly408(
  exchange: Exchange,
  statusCode: number | undefined,
  connectionHeader: unknown,
  nowMs: number,
  loopIdleNowMs: number,
): boolean {
  return (
    statusCode === 408 &&
    exchange.reused === true &&
    /\bclose\b/i.test(String(connectionHeader)) &&
    (isFarTooEarly({ exchange, nowMs }) || wasOnItsWay(exchange, nowMs, loopIdleNowMs))
  );
}

/** Whether it was there at once, unnoticed for a while, on a connection that may have been idle too long. */
function wasOnItsWay(exchange: Exchange, nowMs: number, loopIdleNowMs: number): boolean {
  const { origin, firstWriteMs = nowMs, idleMs = 0, blindAtWriteMs = 0 } = exchange;
  if (!wasInKernel(exchange.waitedSinceWriteMs(loopIdleNowMs)) || nowMs - firstWriteMs >= AT_ONCE_MS) return false;
  if (blindAtWriteMs < LONG_BLIND_MS || idleMs < (exchange.peerTimeout?.ms ?? 0)) return false;
  return origin !== undefined && idleMs > origin.okIdleMs(nowMs);
}

/** The only answer that counts as a failure. For a 408, evidence is collected only if it came too early. */
export function endedByEarly408({ exchange, statusCode, error, closing }: Evidence): boolean {
  return statusCode === 408 && exchange.reused === true && error.code === '' && closing === undefined;
}
