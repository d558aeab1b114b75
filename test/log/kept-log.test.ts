import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DiagLogger, diag } from '@opentelemetry/api';
import { KeptLog } from '../../src/kept-log';
import { listen } from './diag-lines';

function logOf(): { log: KeptLog; said: string[] } {
  const said: string[] = [];
  const say =
    (level: string) =>
    (...args: unknown[]) =>
      said.push(`${level} ${args.join(' ')}`);
  const logger = { error: say('error'), warn: say('warn'), debug: say('debug') } as unknown as DiagLogger;
  return { log: new KeptLog(logger), said };
}

test('without a logger, messages are kept in order until they are released, and said once', () => {
  diag.disable();
  const { log, said } = logOf();
  log.warn('first');
  log.debug('second');
  log.error('third', new Error('why'));
  assert.deepEqual(said, []);
  log.release();
  log.release();
  assert.deepEqual(said, ['warn first', 'debug second', 'error third Error: why']);
});

test('with a logger, messages are said at once', () => {
  listen();
  const { log, said } = logOf();
  log.warn('now');
  assert.deepEqual(said, ['warn now']);
  log.release();
  assert.equal(said.length, 1);
});

test('no more than 50 messages are kept, the first ones', () => {
  diag.disable();
  const { log, said } = logOf();
  for (let i = 0; i < 1_000; i += 1) log.warn(`${i}`);
  log.release();
  assert.deepEqual([said.length, said[0], said.at(-1)], [50, 'warn 0', 'warn 49']);
});

test('an origin has one warning, 20 origins have theirs, and a last line says that there will be no more', () => {
  listen();
  const { log, said } = logOf();
  for (let round = 0; round < 2; round += 1) {
    for (let i = 0; i < 2_000; i += 1) log.warnOfOrigin(`http://h${i}`, `h${i}`);
  }
  assert.equal(said.length, 21);
  assert.equal(new Set(said).size, 21);
  assert.match(said.at(-1) ?? '', /20 origins were reported/);
});

test('a logger that throws does not stop the program', () => {
  listen();
  let calls = 0;
  const fail = () => {
    calls += 1;
    throw new Error('no disk');
  };
  const log = new KeptLog({ error: fail, warn: fail, debug: fail } as unknown as DiagLogger);
  log.warn('said');
  diag.disable();
  log.warn('kept');
  log.release();
  assert.equal(calls, 2);
});
