import type { Exchange } from '../../connection/exchange';
import { serverName, time } from './phrases';

/**
 * Once an origin: that the peer announces so short an idle timeout that this client pools no connection to it. Undefined
 * if there is nothing to say, or it was said.
 */
export function unpooledWarning({ origin, connection, isTooShortToPool }: Exchange): string | undefined {
  if (!isTooShortToPool || origin === undefined || origin.isMismatchTold) return undefined;
  origin.isMismatchTold = true;
  const ms = connection?.announcedMs;
  const announced = ms === undefined ? 'no idle timeout at all' : `an idle timeout of ${time(ms)}`;
  const result = 'this client does not pool such a connection, and each request pays for a new one';
  const change = 'Let the peer keep idle connections for 5 s or longer (in Node.js: server.keepAliveTimeout)';
  return `${serverName(origin.host, origin.port)} announces ${announced}: ${result}. ${change}`;
}
