import type { IdleSetting } from './evidence';
import type { Exchange } from './exchange';
import { advisedLimitMs, isMismatch } from './facts';
import { originName, time } from './phrases';

const equal = (ms: number | undefined) => (ms === undefined ? '' : `: ${ms}`);

/** How each client sets its idle limit. */
export const SETTINGS: Record<IdleSetting, (ms?: number) => string> = {
  'agent.timeout': (ms) =>
    `new http.Agent({ keepAlive: true, timeout${equal(ms)} }), which also fires during slow requests`,
  freeSocketTimeout: (ms) => `freeSocketTimeout${equal(ms)} of agentkeepalive`,
  keepAliveTimeout: (ms) => `keepAliveTimeout${equal(ms)} and keepAliveMaxTimeout${equal(ms)} of undici`,
  unknown: () => 'the idle limit of its connection pool',
};

/**
 * Once an origin: that this client keeps idle connections as long as the peer or longer, both limits, and the setting to
 * change. Undefined if there is nothing to tell, or it was told.
 */
export function mismatchTold({ origin, clientTimeoutMs, setting }: Exchange): string | undefined {
  if (origin === undefined || origin.isMismatchTold || clientTimeoutMs === undefined) return undefined;
  const peer = origin.peerTimeout();
  if (peer === undefined || !isMismatch(clientTimeoutMs, peer.ms)) return undefined;
  origin.isMismatchTold = true;
  const ours = clientTimeoutMs === 0 ? 'without a limit' : `for ${time(clientTimeoutMs)}`;
  return `${originName(origin)} closes idle connections after ${time(peer.ms)} (${peer.source}), this client keeps them ${ours}: some requests will meet a closed one. Let it close them first: ${SETTINGS[setting](advisedLimitMs(peer.ms))}`;
}
