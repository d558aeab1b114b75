import { SocketInstrumentation } from './index';
import { optionsFromEnvironment } from './options';
import type { SocketInstrumentationConfig } from './types';

/**
 * The zero-code entry: `node --import opentelemetry-instrumentation-socket/register app.js`, or `--require`, beside
 * whatever starts the SDK, in any order. Options come from the environment; loading it twice registers once.
 */
const KEY = Symbol.for('opentelemetry-instrumentation-socket/1/register');
const registered = globalThis as { [KEY]?: SocketInstrumentation };

if (process.env.OTEL_SDK_DISABLED?.trim().toLowerCase() !== 'true') {
  registered[KEY] ??= new SocketInstrumentation(optionsFromEnvironment(process.env) as SocketInstrumentationConfig);
}
