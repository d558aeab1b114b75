import { common, healthy } from './common';
import { inFlight } from './in-flight';
import { pools } from './pools';
import type { Scenario } from './scenario';
import { settingUp } from './setting-up';

export { common, healthy };

/** What a loopback interface cannot show, by its cause, and why. */
export const NOT_PLAYED: Readonly<Record<string, string>> = {
  unreachable: 'it needs a network to which there is no route; 127.0.0.0/8 is always reachable',
  ...(process.platform === 'linux' ? {} : { connect_timeout: 'only Linux drops connections silently on loopback' }),
};

const isPlayed = ({ id }: Scenario) => id !== 'crowded' || process.platform === 'linux';

/** Failures first. */
export const all: readonly Scenario[] = [...common, ...inFlight, ...settingUp, ...pools, healthy].filter(isPlayed);

export function scenarioOf(id: string): Scenario {
  const found = all.find((scenario) => scenario.id === id);
  if (found === undefined) throw new Error(`no scenario ${id}`);
  return found;
}
