import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { buildSync } from 'esbuild';
import { root } from '../support/root';

const fixture = (name: string) => path.join(__dirname, 'fixtures', name);

/** What a program of its own prints, as JSON. */
function run(...args: readonly string[]): unknown {
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', timeout: 30_000 }));
}

test('node:cluster: the worker that accepts a connection counts its requests', () => {
  const told = run(fixture('env-cluster.js')) as number[][];
  assert.deepEqual(
    told.sort((a, b) => a.length - b.length),
    [[], [0, 1, 2]],
  );
});

test('worker threads: each thread numbers its own connections and sees only its own', () => {
  const { theirs, ours } = run(fixture('env-thread.js')) as Record<string, unknown>;
  const expected = [
    [1, 0],
    [1, 1],
    [2, 0],
  ];
  assert.deepEqual(theirs, expected);
  assert.deepEqual(ours, expected);
});

for (const preloaded of [false, true]) {
  test(`an application bundled with esbuild${preloaded ? ', beside a preload with another copy: counts once' : ''}`, () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'bundled-'));
    const outfile = path.join(folder, 'app.js');
    buildSync({ entryPoints: [fixture('env-bundled.js')], bundle: true, platform: 'node', outfile, logLevel: 'error' });
    const preload = preloaded ? ['--require', path.join(__dirname, '../../src/register.js')] : [];
    const told = run(...preload, outfile);
    rmSync(folder, { recursive: true });
    // The first that was enabled reports: with the preload that is the other copy, which has no hook.
    const reports = preloaded ? 0 : 1;
    assert.deepEqual(told, { counts: [0, 1, 2], kinds: ['closed'], reports });
  });
}

test('OTEL_CONFIG_FILE: spans and metrics of an SDK that a file describes', () => {
  // Not compiled, hence not in the folder of the compiled tests.
  const file = path.join(root, 'test/environments/fixtures/otel.yaml');
  const env = { ...process.env, OTEL_CONFIG_FILE: file };
  const { stdout, stderr } = spawnSync(process.execPath, [fixture('env-config.js')], {
    env,
    encoding: 'utf8',
    timeout: 30_000,
  });
  const counts = [...stdout.matchAll(/'socket\.reuse_count': (\d)/g)].map(([, count]) => count);
  assert.deepEqual(counts.sort(), ['0', '0', '1', '1'], stderr);
  for (const name of ['http.client.open_connections', 'socket.closes', 'socket.connection.requests'])
    assert.ok(stdout.includes(`name: '${name}'`), name);
  assert.equal(stderr, '');
});
