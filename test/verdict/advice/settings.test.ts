import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UNKNOWN_SETTING } from '../../../src/connection/idle-timeout-setting';
import type { Origin } from '../../../src/peer/origin';
import { type Fix, fixText } from '../../../src/verdict/advice/advice';
import { attachedAdvice } from '../../../src/verdict/advice/advise';
import {
  AGENT_OPTION,
  DISPATCHER_OPTION,
  FREE_SOCKET_TIMEOUT,
  KEEP_ALIVE_TIMEOUT,
} from '../../../src/verdict/advice/idle-timeout-settings';
import { classify } from '../../../src/verdict/classify';
import { errorOf, evidenceOf, NOW, type Scene } from '../scene';

const STALE: Scene = {
  idleMs: 5_100,
  clientTimeoutMs: 0,
  how: 'fin',
  error: errorOf('ECONNRESET'),
  known: (origin: Origin) => origin.announced(5_000),
};

function fixOf(scene: Scene): Fix {
  const advice = attachedAdvice(classify(evidenceOf(scene)));
  assert.ok(advice !== undefined);
  return advice.fix;
}
const fixed = (scene: Scene) => fixText(fixOf(scene));

test('each client calls its idle timeout by its own name', () => {
  const fixes = [FREE_SOCKET_TIMEOUT, AGENT_OPTION, KEEP_ALIVE_TIMEOUT, DISPATCHER_OPTION, UNKNOWN_SETTING].map(
    (setting) => fixOf({ ...STALE, setting }),
  );
  assert.deepEqual(
    fixes.map(({ code }) => code),
    [
      'new HttpsAgent({ freeSocketTimeout: 4000 })',
      '{ keepAlive: true, timeout: 4000 }',
      "import { Agent, setGlobalDispatcher } from 'undici'; setGlobalDispatcher(new Agent({ keepAliveTimeout: 4000, keepAliveMaxTimeout: 4000 }))",
      '{ keepAliveTimeout: 4000, keepAliveMaxTimeout: 4000 }',
      undefined,
    ],
  );
  for (const { text } of fixes) assert.equal(text, 'Close idle connections after 4 s');
  assert.equal(fixes[4]?.note, 'the idle timeout of its connection pool');
});

test('the simpler setting is named only where the peer announces its timeout, and more than 1 s', () => {
  const closed = (origin: Origin) => {
    for (const hours of [2, 1])
      origin.closedIdle({ lateMs: 0, atMs: NOW - hours * 3_600_000, idleMs: 5_000, uses: 3, ageMs: undefined });
  };
  assert.match(fixed(STALE), /set more: Node then closes idle connections 1 s before the announced 5 s/);
  assert.doesNotMatch(fixed({ ...STALE, known: closed }), /set more/);
  assert.doesNotMatch(fixed({ ...STALE, known: (origin) => origin.announced(1_000) }), /set more/);
});

test('every number to set is rounded down to 50 ms, and never 0', () => {
  const timeout = (peerMs: number) =>
    /timeout: (\d+)/.exec(fixed({ ...STALE, idleMs: peerMs + 1_000, known: (o) => o.announced(peerMs) }))?.[1];
  assert.deepEqual([5_000, 4_999, 60_000, 70].map(timeout), ['4000', '3950', '55000', '35']);
});

test("without a known timeout of the peer the advice stays below this connection's idle age, and is a try", () => {
  const fix = fixOf({ ...STALE, dead: 'fin', known: () => {} });
  assert.equal(fix.text, 'Try closing idle connections after 4.1 s or less');
  assert.equal(fix.code, 'new https.Agent({ keepAlive: true, timeout: 4100 })');
});
