import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { root } from '../support/root';

/** The package by its own name, as its exports resolve it. */
const REGISTER = 'opentelemetry-instrumentation-socket/register';
const fixture = (name: string) => path.join(__dirname, 'fixtures', name);
const SDK = fixture('register-sdk.js');
const APP = fixture('register-app.js');
const ALL = { client: [0, 1], server: [0, 1], full: false };

interface Seen {
  readonly spans: unknown;
  readonly stderr: string;
}

async function run(args: readonly string[], variables: Readonly<Record<string, string>> = {}): Promise<Seen> {
  const env = { ...process.env, NODE_OPTIONS: '', ...variables };
  const options = { cwd: root, env, timeout: 30_000 };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, options);
  return { spans: JSON.parse(stdout), stderr };
}

for (const args of [
  ['--require', SDK, '--require', REGISTER, APP],
  ['--require', REGISTER, '--require', SDK, APP],
  ['--import', SDK, '--import', REGISTER, APP],
  ['--import', REGISTER, '--import', SDK, APP],
  ['--require', SDK, '--import', REGISTER, APP],
  ['--require', REGISTER, '--import', REGISTER, '--import', SDK, APP],
  ['--import', SDK, '--import', REGISTER, fixture('lifecycle-esm.mjs'), 'registered'],
]) {
  const shown = args.map((arg) => (arg === REGISTER ? './register' : path.basename(arg))).join(' ');
  test(`register works without a line of code: ${shown}`, async () => {
    assert.deepEqual(await run(args), { spans: ALL, stderr: '' });
  });
}

const BOTH = ['--require', SDK, '--require', REGISTER, APP];
const PREFIX = 'OTEL_INSTRUMENTATION_SOCKET_';

test('OTEL_SDK_DISABLED leaves the process alone, in any spelling of true', async () => {
  for (const value of ['true', 'TRUE', ' true ']) {
    const { spans } = await run(BOTH, { OTEL_SDK_DISABLED: value });
    assert.deepEqual(spans, { client: [null, null], server: [null, null], full: false });
  }
  assert.deepEqual((await run(BOTH, { OTEL_SDK_DISABLED: 'false' })).spans, ALL);
});

test('options come from the environment', async () => {
  const { spans, stderr } = await run(BOTH, { [`${PREFIX}DETAIL`]: 'full', [`${PREFIX}HTTP_SERVER`]: 'false' });
  assert.deepEqual(spans, { client: [0, 1], server: [null, null], full: true });
  assert.equal(stderr, '');
  const off = await run(BOTH, { [`${PREFIX}ENABLED`]: 'false' });
  assert.deepEqual(off.spans, { client: [null, null], server: [null, null], full: false });
});

test('a bad value in the environment is reported once, though register was loaded twice, and the default is used', async () => {
  const args = ['--require', SDK, '--require', REGISTER, '--import', REGISTER, APP];
  const { spans, stderr } = await run(args, { [`${PREFIX}DETAIL`]: 'loud', [`${PREFIX}MAX_ORIGINS`]: '-3' });
  assert.deepEqual(spans, ALL);
  const lines = stderr.split('\n').filter((line) => line.includes('option'));
  assert.equal(lines.length, 2, stderr);
  assert.match(stderr, /"detail" must be/);
  assert.match(stderr, /"maxOrigins" must be/);
});
