import type { IdleTimeoutSetting, SettingChange } from '../../connection/idle-timeout-setting';
import { durationText } from './phrases';

/** A side effect of the `timeout` of Node's agent, which stays on the socket during requests. */
const ALSO_SLOW = "slower requests emit 'timeout': harmless unless your code destroys them";

/** What code that destroys slow requests can do: with any timeout of its own, an agent reads the announced one. */
function slowRequests(announcedMs: number | undefined): string {
  if (announcedMs === undefined || announcedMs <= 1_000) return ALSO_SLOW;
  return `${ALSO_SLOW}; if it does, set more: Node then closes idle connections 1 s before the announced ${durationText(announcedMs)}`;
}

/** Node's own agents. */
export const AGENT_TIMEOUT: IdleTimeoutSetting = {
  name: 'timeout',
  change: (ms, scheme, announcedMs) => ({
    code: `new ${scheme}.Agent({ keepAlive: true, timeout: ${ms} })`,
    note: slowRequests(announcedMs),
  }),
};

/** Agents that extend Node's and take its options after arguments of their own. */
export const AGENT_OPTION: IdleTimeoutSetting = {
  name: 'timeout',
  change: (ms, _, announcedMs) => ({
    code: `{ keepAlive: true, timeout: ${ms} }`,
    note: `as options of this client's agent; ${slowRequests(announcedMs)}`,
  }),
};

/** The setting of agentkeepalive. */
export const FREE_SOCKET_TIMEOUT: IdleTimeoutSetting = {
  name: 'freeSocketTimeout',
  change: (ms, scheme) => ({
    code: `new ${scheme === 'https' ? 'HttpsAgent' : 'HttpAgent'}({ freeSocketTimeout: ${ms} })`,
    note: 'agentkeepalive',
  }),
};

/** The settings of undici and `fetch`: the second limits what a `Keep-Alive` header may allow. */
export const KEEP_ALIVE_TIMEOUT: IdleTimeoutSetting = {
  name: 'keepAliveTimeout',
  change: (ms) => globalDispatcher(keptFor(ms)),
};

/** For a dispatcher whose options a new one would lack, such as a proxy's. */
export const DISPATCHER_OPTION: IdleTimeoutSetting = {
  name: 'keepAliveTimeout',
  change: (ms) => ofDispatcher(keptFor(ms)),
};

function keptFor(ms: number): string {
  return `keepAliveTimeout: ${ms}, keepAliveMaxTimeout: ${ms}`;
}

/** How to give undici these options, for a client with that setting. */
export function undiciOptions(setting: IdleTimeoutSetting | undefined, options: string): SettingChange {
  return setting === DISPATCHER_OPTION ? ofDispatcher(options) : globalDispatcher(options);
}

function ofDispatcher(options: string): SettingChange {
  return { code: `{ ${options} }`, note: "as options of this client's dispatcher" };
}

/**
 * A dispatcher with these options for undici and for Node's own `fetch`, which imports nothing itself. It is unknown
 * whether the request has another one.
 */
function globalDispatcher(options: string): SettingChange {
  return {
    code: `import { Agent, setGlobalDispatcher } from 'undici'; setGlobalDispatcher(new Agent({ ${options} }))`,
    note: "or the same options for this client's own dispatcher",
  };
}
