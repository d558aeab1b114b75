import type { Exchange } from '../connection/exchange';
import { advisedTimeoutMs, isMismatch } from '../peer/advised-timeout';
import { NOT_ANNOUNCED, type PeerTimeout } from '../peer/peer-timeout';
import { fixText } from '../verdict/advice/advice';
import { durationText, serverName, toSet } from '../verdict/advice/phrases';

/**
 * The warning that this client keeps idle connections as long as the peer or longer, with both timeouts and the setting to
 * change. Undefined if there is nothing to report, and from the second call for an origin on.
 */
export function mismatchWarning(exchange: Exchange, peer: PeerTimeout): string | undefined {
  const { origin, clientTimeoutMs } = exchange;
  if (origin === undefined || origin.isMismatchReported || clientTimeoutMs === undefined) return undefined;
  if (!isMismatch(clientTimeoutMs, peer.ms)) return undefined;
  origin.isMismatchReported = true;
  const value = toSet(advisedTimeoutMs(peer.ms));
  const scheme = origin.key.startsWith('https') ? 'https' : 'http';
  const change = exchange.setting.change(value, scheme, peer.source === 'announced' ? peer.ms : undefined);
  const ours = clientTimeoutMs === 0 ? 'without a timeout' : `for ${durationText(clientTimeoutMs)}`;
  return `${serverName(origin.host, origin.port)} closes idle connections after ${durationText(peer.ms)} (${peer.source}), but this client keeps them ${ours}: some requests may meet a closed one. ${fixText({ text: `Close idle connections after ${durationText(value)}`, ...change })}.`;
}

/**
 * The warning that the peer announces such a short idle timeout that this client pools no connection to it. Undefined if
 * there is nothing to report, and once per origin after either warning.
 */
export function unpooledWarning({ origin, connection, isTooShortToPool }: Exchange): string | undefined {
  if (!isTooShortToPool || origin === undefined || origin.isMismatchReported) return undefined;
  origin.isMismatchReported = true;
  const ms = connection?.announcedMs ?? NOT_ANNOUNCED;
  const announced =
    ms === NOT_ANNOUNCED ? 'that it keeps no connection idle' : `an idle timeout of ${durationText(ms)}`;
  const result = 'this client does not pool such a connection, and each request pays for a new one';
  const change = 'Let the peer keep idle connections for 5 s or longer (in Node.js: server.keepAliveTimeout)';
  return `${serverName(origin.host, origin.port)} announces ${announced}: ${result}. ${change}`;
}
