import type { Connection } from '../../connection/connection';
import type { IdleTimeoutSetting } from '../../connection/idle-timeout-setting';
import { DISPATCHER_OPTION, KEEP_ALIVE_TIMEOUT } from '../../verdict/advice/idle-timeout-settings';

/** Where copies of undici, up to 7 and from 8, keep the dispatcher of requests that have none of their own. */
const GLOBAL = [Symbol.for('undici.globalDispatcher.1'), Symbol.for('undici.globalDispatcher.2')];
/** The second makes an agent of a newer copy look like one of an older. */
const PLAIN = new Set<unknown>(['Agent', 'Dispatcher1Wrapper']);

/**
 * How the dispatcher in use is given another idle timeout. One that reaches its servers through a proxy, or that the
 * program has composed, must not be replaced by a new one.
 */
export function dispatcherSetting(connection: Connection | undefined): IdleTimeoutSetting {
  return connection?.adopted !== true && GLOBAL.every(isPlain) ? KEEP_ALIVE_TIMEOUT : DISPATCHER_OPTION;
}

function isPlain(key: symbol): boolean {
  const dispatcher: object | undefined = Reflect.get(globalThis, key);
  return dispatcher == null || PLAIN.has(dispatcher.constructor?.name);
}
