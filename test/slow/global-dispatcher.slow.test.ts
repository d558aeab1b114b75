import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { KEEP_ALIVE_TIMEOUT } from '../../src/verdict/advice/idle-timeout-settings';
import { root } from '../support/root';

/** Runs the code that the advice gives, then a request of Node's own fetch; prints how long its socket was idle. */
const PROGRAM = `
import http from 'node:http';
const server = http.createServer((_, response) => response.end('ok'));
server.keepAliveTimeout = 0;
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const closed = new Promise((resolve) => server.on('connection', (socket) => socket.on('close', resolve)));
await (await fetch('http://127.0.0.1:' + server.address().port)).text();
const idleMs = performance.now();
await closed;
console.log(Math.round(performance.now() - idleMs));
process.exit();
`;

const [major = 0] = process.versions.node.split('.').map(Number);
/** A copy of undici needs a Node that has what it uses, and shares its dispatcher only with those that look there. */
const COPIES = [...(major < 26 ? ['undici6'] : []), 'undici7', ...(major >= 22 ? ['undici8'] : [])];

for (const copy of COPIES) {
  test(`the code that the advice gives sets the idle timeout of Node's own fetch, with ${copy}`, () => {
    const { code } = KEEP_ALIVE_TIMEOUT.change(1_200, 'http');
    const program = `${code?.replace("'undici'", `'${copy}'`)};${PROGRAM}`;
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', program], { cwd: root, encoding: 'utf8' });
    const idleMs = Number(child.stdout);
    assert.ok(idleMs >= 1_180 && idleMs < 2_500, `${child.stdout}${child.stderr}`);
  });
}
