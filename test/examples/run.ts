import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { blocks } from '../docs/pages';
import { root } from '../support/root';

/*
 * Plays the examples whose output the README quotes, and compares: `npm run test:examples`. Not part of `npm test`, as
 * they take half a minute, and libraries that the lines of the matrix do not have.
 */

/** The output of an example, which has to succeed. */
function play(name: string): string {
  const file = path.join(root, 'build/examples', name, 'main.js');
  const { stdout, status } = spawnSync(process.execPath, [file], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  console.log(stdout);
  assert.equal(status, 0, `${name} ended with ${status}`);
  return stdout;
}

/** How often a client retries is left to chance, but not whether it does. */
function normal(table: string): string {
  return table.replace(/^(.*(?:naive|fixed)(?: +\d+){3} +)(\d+)( +\d+)$/gm, (_, before, retried, after) => {
    const some = retried === '0' ? 'none' : 'some';
    return `${before.trimEnd()} ${some} ${after.trim()}`;
  });
}

const [quoted = ''] = blocks('text fixed');
assert.ok(quoted.includes('executed twice'), 'the README quotes no table');
const printed = play('resilient-client');
assert.ok(normal(printed).includes(normal(quoted)), `the README quotes another table:\n${quoted}`);
console.log('The README quotes this table.');
