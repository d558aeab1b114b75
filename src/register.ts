import { readEnvironment } from './environment';
import { SocketObservation } from './instrumentation';
import { log } from './kept-log';
import { checkedOptions } from './options';

// The zero-code entry: `node --import opentelemetry-instrumentation-socket/register app.js`, or `--require`, together
// with whatever starts the SDK, in any order. Options come from the environment; loading it twice registers once.

const KEY = Symbol.for('opentelemetry-instrumentation-socket/1/register');
const registered = globalThis as { [KEY]?: SocketObservation };

if (registered[KEY] === undefined) {
  if (process.env.OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true') sayWithoutRequests('off (OTEL_SDK_DISABLED)');
  else registered[KEY] = register();
}

function register(): SocketObservation {
  const { options, notes } = readEnvironment(process.env);
  const checked = checkedOptions(options, log);
  const observation = new SocketObservation(checked);
  const used = [...notes].filter(([option]) => option in checked).map(([, note]) => note);
  const line = `by the environment: ${used.join(', ')}`;
  if (checked.enabled === false) sayWithoutRequests(line);
  else {
    observation.start();
    if (used.length > 0) log.debug(line);
  }
  return observation;
}

/**
 * Nothing is observed, so no request will release the kept messages. Code loaded with this module sets its logger, if
 * any, before the event loop runs.
 */
function sayWithoutRequests(line: string): void {
  log.debug(line);
  setImmediate(() => log.release()).unref();
}
