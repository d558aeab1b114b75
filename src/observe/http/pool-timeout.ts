import { EventEmitter } from 'node:events';
import { Agent } from 'node:http';
import { type IdleTimeoutSetting, UNKNOWN_SETTING } from '../../connection/idle-timeout-setting';
import type { PoolLimits } from '../../connection/pool-limits';
import { AGENT_OPTION, AGENT_TIMEOUT, FREE_SOCKET_TIMEOUT } from '../../verdict/advice/idle-timeout-settings';
import { property } from '../../verdict/evidence/error-facts';

/** Node's agent closes an idle socket this long before the timeout that the server announced. */
const HINT_MARGIN_MS = 1_000;
/** What Node's agent accepts as a hint: `timeout` must come first, in lower case. */
const HINT = /^timeout=(\d+)/;
/** The methods in which an agent may have its own rules. */
const RULES = ['addRequest', 'keepSocketAlive'];

/**
 * The idle timeout that an agent will apply to a connection once it is released, by the agent's own rules, in ms; 0 =
 * none. Undefined if it will not pool the connection, or if its rules are unknown.
 */
export function poolTimeoutMs(agent: unknown, keepAliveHeader: string): number | undefined {
  if (!hasKnownRules(agent)) return undefined;
  const hinted = hintedMs(agent, keepAliveHeader);
  if (hinted !== undefined && hinted <= 0) return undefined;
  const own = freeSocketTimeoutMs(agent);
  if (own !== undefined) return own;
  const timeout = property(property(agent, 'options'), 'timeout');
  const optionMs = typeof timeout === 'number' && timeout > 0 ? timeout : 0;
  return hinted === undefined ? optionMs : Math.min(optionMs, hinted);
}

/** The agent pools connections, but not this one, because the peer announced too short an idle timeout. */
export function isTooShortToPool(agent: unknown, keepAliveHeader: string): boolean {
  return hasKnownRules(agent) && (hintedMs(agent, keepAliveHeader) ?? 1) <= 0;
}

/** Node's agent listens to its own event. A program that also listens may set a free socket's timer. */
const FREE = 'free';
const NODES_LISTENERS = 1;

/** The agent pools connections by Node's rules, or by those of agentkeepalive, which applies Node's first. */
export function hasKnownRules(agent: unknown): agent is Agent {
  if (!(agent instanceof Agent) || property(agent, 'keepAlive') !== true) return false;
  if (freeSocketTimeoutMs(agent) !== undefined) return true;
  if (EventEmitter.prototype.listenerCount.call(agent, FREE) > NODES_LISTENERS) return false;
  return RULES.every((name) => property(agent, name) === property(Agent.prototype, name));
}

function freeSocketTimeoutMs(agent: Agent): number | undefined {
  const ms = property(property(agent, 'options'), 'freeSocketTimeout');
  return typeof ms === 'number' && ms > 0 ? ms : undefined;
}

/** The longest time for which Node's agent keeps a connection idle, by the peer's hint; undefined without one. */
function hintedMs(agent: Agent, keepAliveHeader: string): number | undefined {
  const seconds = HINT.exec(keepAliveHeader)?.[1];
  if (seconds === undefined) return undefined;
  const margin = property(agent, 'agentKeepAliveTimeoutBuffer');
  return Number(seconds) * 1_000 - (typeof margin === 'number' ? margin : HINT_MARGIN_MS);
}

/** The idle timeout setting of this agent. */
export function agentSetting(agent: unknown): IdleTimeoutSetting {
  if (property(property(agent, 'options'), 'freeSocketTimeout') !== undefined) return FREE_SOCKET_TIMEOUT;
  if (!(agent instanceof Agent)) return UNKNOWN_SETTING;
  const isNodes = agent.constructor === Agent || isHttpsAgent(agent);
  return isNodes ? AGENT_TIMEOUT : AGENT_OPTION;
}

/** An agent of `https`, not of a class that extends it. Only Node's own keeps TLS sessions in this way. */
function isHttpsAgent(agent: Agent): boolean {
  const prototype: object = Object.getPrototypeOf(agent);
  return Object.getPrototypeOf(prototype) === Agent.prototype && Object.hasOwn(prototype, '_getSession');
}

/** This agent's limits; undefined if it is not one of Node's. */
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
