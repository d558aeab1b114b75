import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';

const fixture = (name: string) => path.join(__dirname, 'fixtures', `${name}.js`);

interface Ending {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program in a process of its own, with what `parts` names loaded before it. */
function run(parts: string, program: string, ...args: string[]): Promise<Ending> {
  const argv = ['--require', fixture('neutral-preload'), fixture(program), ...args];
  const env = { ...process.env, NEUTRAL: parts, NODE_OPTIONS: '' };
  return new Promise((resolve) => {
    execFile(process.execPath, argv, { env, timeout: 20_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : (error.code ?? error.signal), stdout, stderr });
    });
  });
}

/** What a crash says, without the lines that depend on how deep the stack was. */
function said({ code, stdout, stderr }: Ending): Ending {
  const lines = stderr.split('\n').filter((line) => !/^\s+at |^node:|\.js:\d+$|^\s*\^|^$/.test(line));
  return { code, stdout, stderr: lines.join('\n') };
}

for (const [what, program, ...args] of [
  ['an http client', 'neutral-client', 'http'],
  ['an https client', 'neutral-client', 'https'],
  ['an http server', 'neutral-server'],
  ['plain TCP, which never gets a listener of ours,', 'neutral-net'],
] as const) {
  for (const below of ['', 'http']) {
    const beside = below === '' ? 'alone' : 'beside instrumentation-http';
    test(`${what} sees the same events, contexts, listeners, keys and handles with the package, ${beside}`, async () => {
      const runs = [below, `${below},socket`].map((parts) => run(parts, program, ...args));
      const [without, within] = (await Promise.all(runs)) as [Ending, Ending];
      assert.equal(without.code, 0, without.stderr);
      assert.match(without.stdout, /\nexit 0\n$/);
      assert.deepEqual(within.stdout.split('\n'), without.stdout.split('\n'));
      assert.deepEqual(within, without);
    });
  }
}

for (const how of [
  'unhandled error of a request',
  'cut response read to its end',
  'unhandled error of a socket',
  'exception in a response callback',
  'exception in a socket listener',
  'exception in a close listener',
  'unhandled rejection',
  'exit code',
  'exit in a callback',
  'exception caught by the process',
]) {
  test(`a program ends the same with the package: ${how}`, async () => {
    const [without, within] = await Promise.all([run('', 'neutral-crash', how), run('socket', 'neutral-crash', how)]);
    assert.notEqual(without.code, 'SIGTERM');
    assert.deepEqual(said(within), said(without));
  });
}
