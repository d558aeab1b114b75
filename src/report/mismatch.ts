import type { Exchange } from '../connection/exchange';
import { advisedTimeoutMs, isMismatch } from '../peer/advised-timeout';
import { fixText } from '../verdict/advice/advice';
import { serverName, time, toSet } from '../verdict/advice/phrases';

/**
 * Once an origin: that this client keeps idle connections as long as the peer or longer, both timeouts, and the setting to
 * change. Undefined if there is nothing to say, or it was said.
 */
export function mismatchWarning(exchange: Exchange): string | undefined {
  const { origin, clientTimeoutMs, peerTimeout: peer } = exchange;
  if (origin === undefined || origin.isMismatchTold || clientTimeoutMs === undefined) return undefined;
  if (peer === undefined || !isMismatch(clientTimeoutMs, peer.ms)) return undefined;
  origin.isMismatchTold = true;
  const value = toSet(advisedTimeoutMs(peer.ms));
  const scheme = origin.key.startsWith('https') ? 'https' : 'http';
  const change = exchange.setting.change(value, scheme, peer.source === 'announced' ? peer.ms : undefined);
  const ours = clientTimeoutMs === 0 ? 'without a timeout' : `for ${time(clientTimeoutMs)}`;
  return `${serverName(origin.host, origin.port)} closes idle connections after ${time(peer.ms)} (${peer.source}), this client keeps them ${ours}: some requests will meet a closed one. ${fixText({ text: `Close idle connections after ${time(value)}`, ...change })}.`;
}
