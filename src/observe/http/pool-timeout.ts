import { Agent } from 'node:http';
import { property } from '../../verdict/evidence/error-facts';
import type { IdleSetting } from '../../verdict/evidence/evidence';

/** Node's agent closes an idle socket this long before the limit that the server announced. */
const HINT_MARGIN_MS = 1_000;
/** What Node's agent takes for a hint: `timeout` must come first, in lower case. */
const HINT = /^timeout=(\d+)/;
/** Where an agent may have rules of its own. */
const RULES = ['addRequest', 'keepSocketAlive'];

/**
 * The idle limit that an agent will apply to a connection once it is released, by the agent's own rules; 0 = none.
 * Undefined if it will not pool the connection, or is an agent whose rules are not known.
 */
export function poolLimitMs(agent: unknown, keepAliveHeader: string): number | undefined {
  if (!(agent instanceof Agent) || property(agent, 'keepAlive') !== true) return undefined;
  const options = property(agent, 'options');
  const own = property(options, 'freeSocketTimeout');
  if (typeof own === 'number' && own > 0) return own;
  if (RULES.some((name) => property(agent, name) !== property(Agent.prototype, name))) return undefined;
  const timeout = property(options, 'timeout');
  const limit = typeof timeout === 'number' && timeout > 0 ? timeout : 0;
  const seconds = HINT.exec(keepAliveHeader)?.[1];
  if (seconds === undefined) return limit;
  const margin = property(agent, 'agentKeepAliveTimeoutBuffer');
  const hinted = Number(seconds) * 1_000 - (typeof margin === 'number' ? margin : HINT_MARGIN_MS);
  return hinted > 0 ? Math.min(limit, hinted) : undefined;
}

/** What the client in use calls its idle limit. */
export function settingOf(agent: unknown): IdleSetting {
  if (property(property(agent, 'options'), 'freeSocketTimeout') !== undefined) return 'freeSocketTimeout';
  return agent instanceof Agent ? 'agent.timeout' : 'unknown';
}
