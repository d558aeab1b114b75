import { TRANSPORTS } from './observe/transports';
import type { SocketInstrumentationConfig } from './types';

/** The options that the environment sets. */
export interface EnvironmentOptions {
  /**
   * Not validated yet. An unknown variable of this package appears here under its own name, to be reported like an
   * option.
   */
  readonly options: Readonly<Record<string, unknown>>;
  /** For the log, by option name: which variable set the option. */
  readonly notes: ReadonlyMap<string, string>;
}

const PREFIX = 'OTEL_INSTRUMENTATION_SOCKET_';
/** The name of this instrumentation in the lists that `@opentelemetry/auto-instrumentations-node` reads. */
const NAME = 'socket';
const ENABLED_LIST = 'OTEL_NODE_ENABLED_INSTRUMENTATIONS';
const DISABLED_LIST = 'OTEL_NODE_DISABLED_INSTRUMENTATIONS';

const SWITCHES: readonly (readonly [variable: string, option: keyof SocketInstrumentationConfig])[] = [
  [`${PREFIX}ENABLED`, 'enabled'],
  ...TRANSPORTS.map(({ variable, name }) => [variable, name] as const),
  [`${PREFIX}METRICS`, 'metrics'],
];
const VALUES: typeof SWITCHES = [
  [`${PREFIX}DETAIL`, 'detail'],
  [`${PREFIX}MAX_ORIGINS`, 'maxOrigins'],
];
const VARIABLES = [...SWITCHES, ...VALUES];

const BOOLEANS: Readonly<Record<string, boolean>> = {
  true: true,
  '1': true,
  on: true,
  false: false,
  '0': false,
  off: false,
};

/**
 * The options that the environment sets: `OTEL_INSTRUMENTATION_SOCKET_DETAIL=full`, `..._MAX_ORIGINS=50`,
 * `..._UNDICI=off`. Case and surrounding blanks are ignored, and an empty variable counts as not set. The lists of
 * enabled and disabled instrumentations apply unless `OTEL_INSTRUMENTATION_SOCKET_ENABLED` is a boolean.
 */
export function readEnvironment(env: NodeJS.ProcessEnv): EnvironmentOptions {
  const options: Record<string, unknown> = {};
  const notes = new Map<string, string>();
  for (const [variable, option] of VARIABLES) {
    const text = env[variable]?.trim().toLowerCase();
    if (!text) continue;
    options[option] = option === 'maxOrigins' ? numberIn(text) : option === 'detail' ? text : (BOOLEANS[text] ?? text);
    notes.set(option, `${option} is ${text} (${variable})`);
  }
  const reason = typeof options.enabled === 'boolean' ? undefined : turnedOffBy(env);
  if (reason !== undefined) {
    // An invalid value must still be reported.
    if (options.enabled !== undefined) options[`${PREFIX}ENABLED`] = options.enabled;
    options.enabled = false;
    notes.set('enabled', `enabled is false (${reason})`);
  }
  const known = new Set(VARIABLES.map(([variable]) => variable));
  for (const name of Object.keys(env)) if (name.startsWith(PREFIX) && !known.has(name)) options[name] = env[name];
  return { options, notes };
}

/** The list that turns this instrumentation off, and how. */
function turnedOffBy(env: NodeJS.ProcessEnv): string | undefined {
  const enabled = listIn(env[ENABLED_LIST]);
  if (enabled.length > 0 && !enabled.includes(NAME)) return `${ENABLED_LIST} does not list "${NAME}"`;
  return listIn(env[DISABLED_LIST]).includes(NAME) ? `${DISABLED_LIST} lists "${NAME}"` : undefined;
}

function listIn(text = ''): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function numberIn(text: string): number | string {
  return /^\d+$/.test(text) ? Number(text) : text;
}
