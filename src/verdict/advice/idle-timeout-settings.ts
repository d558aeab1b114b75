import type { IdleTimeoutSetting } from '../../connection/idle-timeout-setting';
import { time } from './phrases';

/** A side effect of the `timeout` of Node's agent, which stays on the socket during requests. */
const ALSO_SLOW = "slower requests emit 'timeout': harmless unless your code destroys them";

/** The simpler setting: Node reads the announced timeout once an agent has any timeout of its own. */
function alsoLonger(announcedMs: number | undefined): string {
  return announcedMs === undefined || announcedMs <= 1_000
    ? ''
    : `any timeout above ${time(announcedMs)} works too: Node then closes 1 s earlier than announced; `;
}

/** Node's own agents. */
export const AGENT_TIMEOUT: IdleTimeoutSetting = {
  name: 'timeout',
  change: (ms, scheme, announcedMs) => ({
    code: `new ${scheme}.Agent({ keepAlive: true, timeout: ${ms} })`,
    note: `${alsoLonger(announcedMs)}${ALSO_SLOW}`,
  }),
};

/** Agents that extend Node's and take its options after arguments of their own. */
export const AGENT_OPTION: IdleTimeoutSetting = {
  name: 'timeout',
  change: (ms, _, announcedMs) => ({
    code: `{ keepAlive: true, timeout: ${ms} }`,
    note: `as options of this client's agent; ${alsoLonger(announcedMs)}${ALSO_SLOW}`,
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
  change: (ms) => ({ code: globalDispatcher(`keepAliveTimeout: ${ms}, keepAliveMaxTimeout: ${ms}`) }),
};

/** A dispatcher with these options for undici and for Node's own `fetch`, which imports nothing itself. */
export function globalDispatcher(options: string): string {
  return `import { Agent, setGlobalDispatcher } from 'undici'; setGlobalDispatcher(new Agent({ ${options} }))`;
}
