import assert from 'node:assert/strict';
import { plantedRules } from './planted';

/**
 * Windows for a shop that runs for minutes, not days: their order stays, and each is long enough for three failures.
 */
const WINDOWS: Readonly<Record<string, string>> = {
  '5m': '15s',
  '30m': '20s',
  '1h': '40s',
  '2h': '45s',
  '6h': '50s',
  '1d': '60s',
};

/** For `StackOptions.edit`: the committed rules and routes with short windows and delays, and two false alerts. */
export function shortened(file: string, text: string): string {
  if (/^rules\/(?:span-)?rules\.yml$/.test(file))
    return (text + (file === 'rules/span-rules.yml' ? plantedRules : ''))
      .replaceAll(/\[(\w+)\]/g, (_, window) => `[${WINDOWS[window] ?? assert.fail(`a window of ${window}`)}]`)
      .replaceAll(/offset (\w+)/g, (_, window) => `offset ${WINDOWS[window] ?? assert.fail(`an offset of ${window}`)}`)
      .replaceAll(/(for): \d+[mh]/g, '$1: 2s');
  if (file === 'alertmanager/alertmanager.yml')
    return text.replaceAll(
      /(group_wait|group_interval): \w+/g,
      (_, name) => `${name}: ${name === 'group_wait' ? 1 : 2}s`,
    );
  return text;
}
