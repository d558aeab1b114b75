import { Agent } from 'node:http';
import type { IdleSetting } from '../connection/evidence';
import { property } from '../connection/shape';

/** Node's agent closes an idle socket this long before the limit that the server announced. */
const HINT_MARGIN_MS = 1_000;

/**
 * The idle limit that an agent will apply to a connection once it is released, by the agent's own rules; 0 = none.
 * Undefined if it does not pool, or is an agent whose rules are not known.
 */
export function poolLimitMs(agent: unknown, announcedMs: number | undefined): number | undefined {
  if (!(agent instanceof Agent) || property(agent, 'keepAlive') !== true) return undefined;
  const options = property(agent, 'options');
  const own = property(options, 'freeSocketTimeout');
  if (typeof own === 'number' && own > 0) return own;
  const timeout = property(options, 'timeout');
  const limit = typeof timeout === 'number' && timeout > 0 ? timeout : 0;
  const hinted = announcedMs === undefined ? limit : Math.max(0, announcedMs - HINT_MARGIN_MS);
  return Math.min(limit, hinted);
}

/** What the client in use calls its idle limit. */
export function settingOf(agent: unknown): IdleSetting {
  if (property(property(agent, 'options'), 'freeSocketTimeout') !== undefined) return 'freeSocketTimeout';
  return agent instanceof Agent ? 'agent.timeout' : 'unknown';
}
