import { readEnvironment } from './environment';
import { SocketInstrumentation } from './index';
import { log } from './kept-log';
import type { SocketInstrumentationConfig } from './types';

/**
 * The zero-code entry: `node --import opentelemetry-instrumentation-socket/register app.js`, or `--require`, beside
 * whatever starts the SDK, in any order. Options come from the environment; loading it twice registers once.
 */
const KEY = Symbol.for('opentelemetry-instrumentation-socket/1/register');
const registered = globalThis as { [KEY]?: SocketInstrumentation };
/** By then whatever is loaded beside this has set its logger, if it does. */
const LOGGER_WAIT_MS = 1_000;

if (registered[KEY] === undefined) {
  if (process.env.OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true') sayWithoutRequests('off (OTEL_SDK_DISABLED)');
  else registered[KEY] = register();
}

function register(): SocketInstrumentation {
  const { options, notes } = readEnvironment(process.env);
  const instrumentation = new SocketInstrumentation(options as SocketInstrumentationConfig);
  if (notes.length > 0) {
    const line = `by the environment, ${notes.join(', ')}`;
    if (options.enabled === false) sayWithoutRequests(line);
    else log.debug(line);
  }
  return instrumentation;
}

/** Nothing is observed: no request will ever release what is kept for a logger that is set later. */
function sayWithoutRequests(line: string): void {
  log.debug(line);
  setTimeout(() => log.release(), LOGGER_WAIT_MS).unref();
}
