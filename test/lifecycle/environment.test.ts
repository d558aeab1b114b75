import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEnvironment } from '../../src/environment';

const PREFIX = 'OTEL_INSTRUMENTATION_SOCKET_';
const ENABLED_LIST = 'OTEL_NODE_ENABLED_INSTRUMENTATIONS';
const DISABLED_LIST = 'OTEL_NODE_DISABLED_INSTRUMENTATIONS';

const optionsOf = (env: NodeJS.ProcessEnv) => readEnvironment(env).options;

test('the environment sets every option but the hook; empty is unset; case and blanks do not matter', () => {
  const env = {
    [`${PREFIX}ENABLED`]: 'TRUE',
    [`${PREFIX}HTTP_CLIENT`]: ' false ',
    [`${PREFIX}HTTP_SERVER`]: 'False',
    [`${PREFIX}UNDICI`]: '',
    [`${PREFIX}METRICS`]: '  ',
    [`${PREFIX}DETAIL`]: 'FULL',
    [`${PREFIX}MAX_ORIGINS`]: '50',
  };
  const expected = { enabled: true, httpClient: false, httpServer: false, detail: 'full', maxOrigins: 50 };
  assert.deepEqual(optionsOf(env), expected);
  assert.deepEqual(readEnvironment({}), { options: {}, notes: new Map() });
});

test('a boolean is true, false, 1, 0, on or off; any other word reaches the check of the options as it is', () => {
  const values = { true: true, false: false, 1: true, 0: false, on: true, OFF: false, yes: 'yes', 2: '2' };
  for (const [text, value] of Object.entries(values)) {
    for (const [variable, option] of [
      ['ENABLED', 'enabled'],
      ['HTTP_CLIENT', 'httpClient'],
      ['HTTP_SERVER', 'httpServer'],
      ['UNDICI', 'undici'],
      ['METRICS', 'metrics'],
    ]) {
      assert.deepEqual(optionsOf({ [`${PREFIX}${variable}`]: text }), { [`${option}`]: value });
    }
  }
});

test('1 and 0 are numbers where a number is asked for, and words where a word is', () => {
  const env = { [`${PREFIX}MAX_ORIGINS`]: '1', [`${PREFIX}DETAIL`]: 'on' };
  assert.deepEqual(optionsOf(env), { maxOrigins: 1, detail: 'on' });
});

test('a variable of this package that is not known stands among the options by its name, to be reported', () => {
  for (const name of ['CLIENT', 'SERVER', 'FAILURE_HOOK']) {
    assert.deepEqual(optionsOf({ [`${PREFIX}${name}`]: 'false' }), { [`${PREFIX}${name}`]: 'false' });
  }
});

for (const [lists, enabled] of [
  [{ [ENABLED_LIST]: 'http,undici' }, false],
  [{ [ENABLED_LIST]: ' http , socket ' }, undefined],
  [{ [ENABLED_LIST]: '' }, undefined],
  [{ [ENABLED_LIST]: 'sockets' }, false],
  [{ [DISABLED_LIST]: 'fs,socket' }, false],
  [{ [DISABLED_LIST]: 'fs, dns' }, undefined],
  [{ [ENABLED_LIST]: 'socket', [DISABLED_LIST]: 'socket' }, false],
  [{ [ENABLED_LIST]: 'http', [`${PREFIX}ENABLED`]: 'true' }, true],
  [{ [DISABLED_LIST]: 'socket', [`${PREFIX}ENABLED`]: 'on' }, true],
  [{ [ENABLED_LIST]: 'socket', [`${PREFIX}ENABLED`]: '0' }, false],
] as const) {
  const shown = Object.entries(lists).map(([name, text]) => `${name}="${text}"`);
  test(`${shown.join(' and ')}: enabled is ${enabled ?? 'left at its default'}, and a note names the variable`, () => {
    const { options, notes } = readEnvironment(lists);
    assert.equal(options.enabled, enabled);
    const decisive = enabled === undefined ? 0 : 1;
    assert.equal(notes.size, decisive, [...notes.values()].join('; '));
    const winner = `${PREFIX}ENABLED` in lists ? `${PREFIX}ENABLED` : options.enabled === false ? 'OTEL_NODE_' : '';
    assert.ok((notes.get('enabled') ?? '').includes(winner));
  });
}

test('a value that says neither yes nor no does not overrule the lists, and is reported', () => {
  const variable = `${PREFIX}ENABLED`;
  const { options, notes } = readEnvironment({ [variable]: 'no', [DISABLED_LIST]: 'socket' });
  assert.deepEqual(options, { enabled: false, [variable]: 'no' });
  assert.match(notes.get('enabled') ?? '', /^enabled is false \(OTEL_NODE_DISABLED_INSTRUMENTATIONS/);
});
