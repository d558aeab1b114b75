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
const LATE = ['--require', REGISTER, '--require', SDK, APP];
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

test('booleans of the environment may be written as on, off, 1 and 0', async () => {
  for (const [on, off] of [
    ['1', '0'],
    ['on', 'off'],
    ['ON', 'False'],
  ] as const) {
    const { spans, stderr } = await run(BOTH, { [`${PREFIX}HTTP_CLIENT`]: on, [`${PREFIX}HTTP_SERVER`]: off });
    assert.deepEqual(spans, { client: [0, 1], server: [null, null], full: false });
    assert.equal(stderr, '');
  }
});

const OFF = { client: [null, null], server: [null, null], full: false };

for (const [variables, spans, line] of [
  [
    { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http,undici' },
    OFF,
    'OTEL_NODE_ENABLED_INSTRUMENTATIONS does not list "socket"',
  ],
  [{ OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'fs,socket' }, OFF, 'OTEL_NODE_DISABLED_INSTRUMENTATIONS lists "socket"'],
  [{ OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http,socket' }, ALL, 'observes httpClient, httpServer, undici'],
  [
    { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http', [`${PREFIX}ENABLED`]: 'true' },
    ALL,
    `enabled is true (${PREFIX}ENABLED)`,
  ],
  [
    { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'socket', [`${PREFIX}ENABLED`]: 'off' },
    OFF,
    `enabled is off (${PREFIX}ENABLED)`,
  ],
  [{ OTEL_SDK_DISABLED: 'true' }, OFF, 'off (OTEL_SDK_DISABLED)'],
] as const) {
  const shown = Object.entries(variables).map(([name, text]) => `${name}=${text}`);
  test(`${shown.join(' ')}: a debug line says so, also to a logger that is set later`, async () => {
    for (const order of [BOTH, LATE, ['--import', REGISTER, '--import', SDK, APP]]) {
      const seen = await run(order, { ...variables, FIXTURE_LOG_LEVEL: 'debug' });
      assert.deepEqual(seen.spans, spans);
      assert.equal(seen.stderr.split(line).length, 2, seen.stderr);
    }
  });
}

test('turned off, it leaves nothing behind that waits for a time', async () => {
  const script = `
    const made = [];
    require('node:async_hooks').createHook({ init: (_, type) => made.push(type) }).enable();
    require('${REGISTER}');
    setImmediate(() => console.log(JSON.stringify({ timers: made.filter((type) => type === 'Timeout'), made })));`;
  for (const variables of [{ OTEL_SDK_DISABLED: 'true' }, { [`${PREFIX}ENABLED`]: 'off' }]) {
    const { spans } = await run(['-e', script], variables as Readonly<Record<string, string>>);
    const { timers, made } = spans as { timers: string[]; made: string[] };
    assert.deepEqual(timers, []);
    assert.ok(made.includes('Immediate'), 'the hook sees what is made');
  }
});

test('a bad value is reported to a logger that is set later, once', async () => {
  const { spans, stderr } = await run(LATE, { [`${PREFIX}DETAIL`]: 'loud', [`${PREFIX}CLIENT`]: 'off' });
  assert.deepEqual(spans, ALL);
  assert.equal(stderr.match(/option "detail" must be/g)?.length, 1, stderr);
  assert.equal(stderr.match(/unknown option "OTEL_INSTRUMENTATION_SOCKET_CLIENT"/g)?.length, 1, stderr);
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
