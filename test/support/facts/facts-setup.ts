import { HttpInstrumentation, type HttpInstrumentationConfig } from '@opentelemetry/instrumentation-http';
import type { Sampler } from '@opentelemetry/sdk-trace';
import { SocketInstrumentation, type SocketInstrumentationConfig } from '../../../src/index';
import { startSdk } from '../sdk';

interface Setup {
  readonly http?: HttpInstrumentationConfig;
  readonly socket?: SocketInstrumentationConfig;
  readonly sampler?: Sampler;
  /** Register SocketInstrumentation before instrumentation-http. */
  readonly first?: boolean;
}

/** An SDK, instrumentation-http and this package, registered in either order. */
export function instrument({ http, socket = { detail: 'full' }, sampler, first = false }: Setup = {}) {
  startSdk(sampler === undefined ? {} : { sampler });
  let mine = first ? new SocketInstrumentation(socket) : undefined;
  const theirs = new HttpInstrumentation(http);
  mine ??= new SocketInstrumentation(socket);
  // instrumentation-http patches the modules when they are required the next time.
  for (const name of ['node:http', 'node:https']) require(name);
  return { mine, theirs };
}
