import type { TransportName } from '../connection/connection';
import type { IdleTimeoutSetting } from '../connection/idle-timeout-setting';
import { AGENT_TIMEOUT, FREE_SOCKET_TIMEOUT, KEEP_ALIVE_TIMEOUT } from '../verdict/advice/idle-timeout-settings';
import { observeHttpClient } from './http/client';
import { observeHttpServer } from './http/server';
import type { Undo } from './process/patch';
import { observeUndici } from './undici/requests';

/** A client or server that is observed. */
export interface Transport {
  /** Its name, also the `SocketInstrumentationConfig` option that turns it off. */
  readonly name: TransportName;
  /** The environment variable of that option. */
  readonly variable: string;
  /** Starts the observation of this process. */
  readonly start: () => Undo;
  /** The idle timeout settings of its pools that an explanation may name. */
  readonly idleTimeoutSettings: readonly IdleTimeoutSetting[];
}

/** Every transport: options, registration and wiring follow from this table. */
export const TRANSPORTS: readonly Transport[] = [
  {
    name: 'httpClient',
    variable: 'OTEL_INSTRUMENTATION_SOCKET_HTTP_CLIENT',
    start: observeHttpClient,
    idleTimeoutSettings: [AGENT_TIMEOUT, FREE_SOCKET_TIMEOUT],
  },
  {
    name: 'httpServer',
    variable: 'OTEL_INSTRUMENTATION_SOCKET_HTTP_SERVER',
    start: observeHttpServer,
    idleTimeoutSettings: [],
  },
  {
    name: 'undici',
    variable: 'OTEL_INSTRUMENTATION_SOCKET_UNDICI',
    start: observeUndici,
    idleTimeoutSettings: [KEEP_ALIVE_TIMEOUT],
  },
];
