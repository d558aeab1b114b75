import type { DiagLogger } from '@opentelemetry/api';
import { TRANSPORTS } from './observe/transports';
import type { SocketInstrumentationConfig } from './types';

type Check = (value: unknown) => boolean;

/** The environment variables, and the options that they set. */
const VARIABLES: readonly (readonly [variable: string, option: keyof SocketInstrumentationConfig])[] = [
  ['OTEL_INSTRUMENTATION_SOCKET_ENABLED', 'enabled'],
  ...TRANSPORTS.map(({ variable, name }) => [variable, name] as const),
  ['OTEL_INSTRUMENTATION_SOCKET_METRICS', 'metrics'],
  ['OTEL_INSTRUMENTATION_SOCKET_DETAIL', 'detail'],
  ['OTEL_INSTRUMENTATION_SOCKET_MAX_ORIGINS', 'maxOrigins'],
];

const SWITCH: readonly [string, Check] = ['true or false', (value) => typeof value === 'boolean'];

const CHECKS: Readonly<Record<keyof SocketInstrumentationConfig, readonly [expected: string, Check]>> = {
  enabled: SWITCH,
  httpClient: SWITCH,
  httpServer: SWITCH,
  undici: SWITCH,
  metrics: SWITCH,
  detail: ['"essential" or "full"', (value) => value === 'essential' || value === 'full'],
  maxOrigins: [
    'an integer from 1 to 1000',
    (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 1_000,
  ],
  failureHook: ['a function', (value) => typeof value === 'function'],
};

/** The options that can be used; each of the others is reported once, and its default is used instead. */
export function checkedOptions(config: unknown, diag: DiagLogger): SocketInstrumentationConfig {
  const checked: Record<string, unknown> = {};
  if (config === undefined || config === null) return checked;
  if (typeof config !== 'object') {
    diag.warn(`options must be an object, not ${typeof config}; the defaults are used`);
    return checked;
  }
  for (const [name, value] of Object.entries(config)) {
    const check = Object.hasOwn(CHECKS, name) ? CHECKS[name as keyof SocketInstrumentationConfig] : undefined;
    if (check === undefined) diag.warn(`unknown option "${name}" is ignored`);
    else if (value === undefined) continue;
    else if (check[1](value)) checked[name] = value;
    else diag.warn(`option "${name}" must be ${check[0]}; the default is used`);
  }
  return checked;
}

/** The options that the environment sets: `OTEL_INSTRUMENTATION_SOCKET_DETAIL=full`, `…_MAX_ORIGINS=50`, `…_UNDICI=false`. */
export function optionsFromEnvironment(env: NodeJS.ProcessEnv): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const [variable, option] of VARIABLES) {
    const raw = env[variable]?.trim();
    if (raw) options[option] = parsed(raw);
  }
  return options;
}

function parsed(raw: string): unknown {
  const text = raw.toLowerCase();
  if (text === 'true' || text === 'false') return text === 'true';
  return /^\d+$/.test(text) ? Number(text) : text;
}
