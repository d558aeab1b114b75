import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { DiagLogLevel, diag } from '@opentelemetry/api';
import { SocketInstrumentation, type SocketInstrumentationConfig } from '../../src/index';

const warnings: string[] = [];
const warn = (...args: unknown[]) => warnings.push(args.join(' '));
diag.setLogger({ error: warn, warn, info() {}, debug() {}, verbose() {} }, DiagLogLevel.WARN);

beforeEach(() => {
  warnings.length = 0;
});

/** The options as an instance understood them. */
function understood(config: unknown): SocketInstrumentationConfig {
  const instrumentation = new SocketInstrumentation(config as SocketInstrumentationConfig);
  instrumentation.disable();
  return instrumentation.getConfig();
}

test('good options are taken as they are, without a word', () => {
  const config = {
    enabled: true,
    httpClient: true,
    httpServer: false,
    undici: false,
    metrics: false,
    detail: 'full',
    maxOrigins: 1,
    failureHook: () => undefined,
  };
  assert.deepEqual(understood(config), config);
  assert.deepEqual(warnings, []);
});

for (const [name, value] of [
  ['enabled', 'no'],
  ['httpClient', 1],
  ['httpServer', null],
  ['undici', {}],
  ['metrics', 'false'],
  ['detail', 'everything'],
  ['detail', true],
  ['maxOrigins', 0],
  ['maxOrigins', 1_001],
  ['maxOrigins', 1.5],
  ['maxOrigins', '100'],
  ['maxOrigins', Number.NaN],
  ['failureHook', 'log'],
] as const) {
  test(`${name}: ${String(value)} is reported once, and the default is used`, () => {
    const config = understood({ [name]: value });
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', new RegExp(`"${name}" must be`));
    assert.deepEqual(config, { enabled: true });
  });
}

test('an unknown option is reported once and ignored, whatever it is called', () => {
  for (const name of ['detial', 'toString', '__proto__', 'constructor']) {
    warnings.length = 0;
    const config = understood(JSON.parse(`{ "${name}": true, "detail": "full" }`));
    assert.deepEqual(Object.keys(config).sort(), ['detail', 'enabled']);
    assert.equal(warnings.length, 1);
    assert.ok(warnings[0]?.includes(`"${name}"`));
  }
});

test('several bad options are reported one by one, and the good ones among them are used', () => {
  const config = understood({ detail: 'full', client: 'x', nothing: 1, maxOrigins: -1 });
  assert.deepEqual(config, { enabled: true, detail: 'full' });
  assert.equal(warnings.length, 3);
});

test('options that are no object are reported once; none, null and undefined values mean the defaults', () => {
  for (const config of ['full', 1, true, () => undefined]) {
    warnings.length = 0;
    assert.deepEqual(understood(config), { enabled: true });
    assert.equal(warnings.length, 1, String(config));
  }
  warnings.length = 0;
  for (const config of [undefined, null, {}, { detail: undefined }]) {
    assert.deepEqual(understood(config), { enabled: true });
  }
  assert.deepEqual(warnings, []);
});

test('setConfig checks options like the constructor', () => {
  const instrumentation = new SocketInstrumentation({ enabled: false });
  instrumentation.setConfig({ detail: 'loud' } as unknown as SocketInstrumentationConfig);
  assert.equal(warnings.length, 1);
  assert.equal(instrumentation.getConfig().detail, undefined);
});

test('the names that options had before are reported as unknown, and do nothing', () => {
  assert.deepEqual(understood({ client: false, server: false }), { enabled: true });
  assert.deepEqual(
    warnings.map((line) => /unknown option "\w+" is ignored/.exec(line)?.[0]),
    ['unknown option "client" is ignored', 'unknown option "server" is ignored'],
  );
});
