import type { Exchange } from '../../connection/exchange';
import { advisedTimeoutMs, isMismatch } from '../../peer/advised-timeout';
import { originName, time } from './phrases';

/** The setting of the client in use, by its real name, with this value if there is one. */
export function idleTimeoutChange({ setting, origin }: Exchange, ms: number | undefined): string {
  return setting.change(ms, origin?.key.startsWith('https') ? 'https' : 'http');
}

/**
 * Once an origin: that this client keeps idle connections as long as the peer or longer, both limits, and the setting to
 * change. Undefined if there is nothing to tell, or it was told.
 */
export function mismatchTold(exchange: Exchange): string | undefined {
  const { origin, clientTimeoutMs, peerTimeout: peer } = exchange;
  if (origin === undefined || origin.isMismatchTold || clientTimeoutMs === undefined) return undefined;
  if (peer === undefined || !isMismatch(clientTimeoutMs, peer.ms)) return undefined;
  origin.isMismatchTold = true;
  const ours = clientTimeoutMs === 0 ? 'without a limit' : `for ${time(clientTimeoutMs)}`;
  return `${originName(origin)} closes idle connections after ${time(peer.ms)} (${peer.source}), this client keeps them ${ours}: some requests will meet a closed one. Let this client close them first: ${idleTimeoutChange(exchange, advisedTimeoutMs(peer.ms))}`;
}
