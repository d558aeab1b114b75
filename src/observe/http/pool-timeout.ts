import { Agent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { type IdleTimeoutSetting, UNKNOWN_SETTING } from '../../connection/idle-timeout-setting';
import type { PoolLimits } from '../../connection/pool-limits';
import { AGENT_OPTION, AGENT_TIMEOUT, FREE_SOCKET_TIMEOUT } from '../../verdict/advice/idle-timeout-settings';
import { property } from '../../verdict/evidence/error-facts';

/** Node's agent closes an idle socket this long before the timeout that the server announced. */
const HINT_MARGIN_MS = 1_000;
/** What Node's agent takes for a hint: `timeout` must come first, in lower case. */
const HINT = /^timeout=(\d+)/;
/** Where an agent may have rules of its own. */
const RULES = ['addRequest', 'keepSocketAlive'];

/**
 * The idle timeout that an agent will apply to a connection once it is released, by the agent's own rules; 0 = none.
 * Undefined if it will not pool the connection, or is an agent whose rules are not known.
 */
export function poolTimeoutMs(agent: unknown, keepAliveHeader: string): number | undefined {
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

/** The setting that limits idle connections in this agent. */
export function agentSetting(agent: unknown): IdleTimeoutSetting {
  if (property(property(agent, 'options'), 'freeSocketTimeout') !== undefined) return FREE_SOCKET_TIMEOUT;
  if (!(agent instanceof Agent)) return UNKNOWN_SETTING;
  const isNodes = agent.constructor === Agent || agent.constructor === HttpsAgent;
  return isNodes ? AGENT_TIMEOUT : AGENT_OPTION;
}

/** What this agent allows; undefined if it is not one of Node's. */
export function poolLimitsOf(agent: unknown): PoolLimits | undefined {
  if (!(agent instanceof Agent)) return undefined;
  const timeout = property(property(agent, 'options'), 'timeout');
  const timeoutMs = typeof timeout === 'number' && timeout > 0 ? timeout : undefined;
  const { maxSockets, maxTotalSockets } = agent;
  const isTotal = Number.isFinite(maxTotalSockets) && !(maxSockets <= maxTotalSockets);
  const connections = isTotal ? maxTotalSockets : maxSockets;
  return {
    setting: isTotal ? 'maxTotalSockets' : 'maxSockets',
    connections: Number.isFinite(connections) ? connections : undefined,
    timeoutMs,
  };
}
