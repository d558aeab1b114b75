import type { KeptLog } from './kept-log';
import { TRANSPORTS, type Transport } from './observe/transports';
import type { SocketInstrumentationConfig } from './types';

type Check = (value: unknown) => boolean;

const SWITCH: readonly [string, Check] = ['true or false', (value) => typeof value === 'boolean'];

type Own = Exclude<keyof SocketInstrumentationConfig, Transport['name']>;

const OWN: Readonly<Record<Own, readonly [expected: string, Check]>> = {
  enabled: SWITCH,
  metrics: SWITCH,
  detail: ['"essential" or "full"', (value) => value === 'essential' || value === 'full'],
  maxOrigins: [
    'an integer from 1 to 1000',
    (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 1_000,
  ],
  failureHook: ['a function', (value) => typeof value === 'function'],
};

const CHECKS = new Map<string, readonly [expected: string, Check]>([
  ...Object.entries(OWN),
  ...TRANSPORTS.map(({ name }) => [name, SWITCH] as const),
]);

/** The valid options; each of the others is reported once, and its default is used instead. */
export function checkedOptions(config: unknown, log: Pick<KeptLog, 'warn'>): SocketInstrumentationConfig {
  const checked: Record<string, unknown> = {};
  if (config === undefined || config === null) return checked;
  if (typeof config !== 'object') {
    log.warn(`options must be an object, not ${typeof config}; the defaults are used`);
    return checked;
  }
  for (const [name, value] of Object.entries(config)) {
    const check = CHECKS.get(name);
    if (check === undefined) log.warn(`unknown option "${name}" is ignored`);
    else if (value === undefined) continue;
    else if (check[1](value)) checked[name] = value;
    else log.warn(`option "${name}" must be ${check[0]}; the default is used`);
  }
  return checked;
}
