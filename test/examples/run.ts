import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { blocks } from '../docs/pages';
import { root } from '../support/root';

/*
 * Plays the examples that judge themselves, on all their paths, and holds what the README quotes against their output:
 * `npm run test:examples`. Not part of `npm test`: they take a minute, nginx, haproxy, and libraries that the lines of
 * the matrix do not have.
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

/** Figures that depend on how fast the machine is: of each, only whether it is nothing stays. */
function normal(table: string): string {
  const some = (figure = '') => (figure === '0' ? 'none' : 'some');
  const row = /^(.*)(naive|fixed) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+)$/gm;
  return table.replace(row, (_, client, mode, requests, failed, avoidable, retried, twice) =>
    [client.trim(), mode, requests, some(failed), some(avoidable), some(retried), twice].join(' ').trim(),
  );
}

const [quoted = ''] = blocks('text fixed');
assert.ok(quoted.includes('executed twice'), 'the README quotes no table');
const printed = play('resilient-client');
assert.ok(normal(printed).includes(normal(quoted)), `the README quotes another table:\n${quoted}`);
console.log('The README quotes this table.\n');

const rolled = play('rolling-deploy');
for (const name of ['direct', 'nginx', 'haproxy']) {
  for (const way of ['killed', 'close', 'drained'])
    assert.match(rolled, new RegExp(`^${name} +node +${way} `, 'm'), `${name}, ${way}: not played`);
}

/** What is lost in which way: nothing or something, as in docs/fifteen-minutes.md. */
const lossOf = (line: string) => /^(direct +node +\w+) +\d+ +(\d+) /.exec(line)?.slice(1) ?? [];
const page = fs.readFileSync(path.join(root, 'docs/fifteen-minutes.md'), 'utf8');
const rows = /^```text rolled\n([\s\S]*?)^```$/m.exec(page)?.[1]?.split('\n') ?? [];
const losses = (lines: readonly string[]) =>
  lines.flatMap((line) => {
    const [way, lost] = lossOf(line);
    return way === undefined ? [] : `${way.replace(/ +/g, ' ')}: ${lost === '0' ? 'none' : 'some'}`;
  });
const written = losses(rows);
const wrong = losses(rolled.split('\n')).filter((loss) => !written.includes(loss) && !loss.includes('close'));
assert.equal(written.length, 3);
assert.deepEqual(wrong, [], 'docs/fifteen-minutes.md has other losses');
