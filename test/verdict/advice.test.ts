import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UNKNOWN_SETTING } from '../../src/connection/idle-timeout-setting';
import { advisedTimeoutMs, isMismatch } from '../../src/peer/advised-timeout';
import type { Origin } from '../../src/peer/origin';
import { idleBucket } from '../../src/report/idle-bucket';
import { FREE_SOCKET_TIMEOUT, KEEP_ALIVE_TIMEOUT } from '../../src/verdict/advice/idle-timeout-settings';
import { classify } from '../../src/verdict/classify';
import { errorOf, evidenceOf, NOW, type Scene } from './scene';
import { LOCAL } from './table-local';
import { SETTING_UP } from './table-setup';

const STALE: Scene = {
  idleMs: 5_100,
  clientTimeoutMs: 0,
  how: 'fin',
  error: errorOf('ECONNRESET'),
  known: (origin: Origin) => origin.announced(5_000),
};
const explained = (scene: Scene) => classify(evidenceOf(scene)).explanation ?? '';

test('a stale connection is told with the numbers, the one change, and whether to retry', () => {
  assert.equal(
    explained(STALE),
    "api.example:8443 probably closed this pooled connection before it could see the request (idle for 5.1 s; the peer's idle limit is 5 s, announced; this client has no idle limit). Let this client close idle connections before the peer does, after 4 s: new https.Agent({ keepAlive: true, timeout: 4000 }), which also fires during slow requests; safe to retry, GET is idempotent.",
  );
});

test('a POST that may have arrived is not to be retried blindly', () => {
  assert.match(
    explained({ ...STALE, method: 'POST' }),
    /; do not retry blindly, the server may have executed this POST\.$/,
  );
});

test('each client calls its idle limit by its own name', () => {
  assert.match(
    explained({ ...STALE, setting: FREE_SOCKET_TIMEOUT }),
    /after 4 s: freeSocketTimeout: 4000 of agentkeepalive;/,
  );
  assert.match(
    explained({ ...STALE, setting: KEEP_ALIVE_TIMEOUT }),
    /: keepAliveTimeout: 4000 and keepAliveMaxTimeout: 4000 of undici;/,
  );
  assert.match(
    explained({ ...STALE, setting: UNKNOWN_SETTING }),
    /after 4 s: the idle timeout of its connection pool;/,
  );
});

test('without a known limit of the peer the advice names an upper bound and no number to set', () => {
  assert.match(
    explained({ ...STALE, dead: 'fin', known: () => {} }),
    /, in less than 5\.1 s: new https\.Agent\(\{ keepAlive: true, timeout \}\)/,
  );
});

test('a closing far below the limit is not blamed on idleness', () => {
  assert.match(explained({ ...STALE, dead: 'fin', idleMs: 700 }), /No idle limit explains so early a closing/);
  assert.match(
    explained({ ...STALE, dead: 'fin', idleMs: 20, known: () => {} }),
    /No idle limit explains so early a closing/,
  );
});

test('a client limit that is short enough and came late is a busy loop or a suspended process', () => {
  assert.match(
    explained({ ...STALE, clientTimeoutMs: 4_000 }),
    /short enough but came late: look for a busy event loop/,
  );
});

test('an http agent and an https agent are told apart', () => {
  const evidence = evidenceOf(STALE);
  Object.assign(evidence.exchange.origin ?? {}, { key: 'http://api.example:80' });
  assert.match(classify(evidence).explanation ?? '', / new http\.Agent\(/);
});

test('what decided is told: how often the limit was observed, how soon the end came, what became of others', () => {
  const closed =
    (...ages: readonly number[]) =>
    (origin: Origin) => {
      for (const [i, idleMs] of ages.entries())
        origin.closedIdle({
          lateMs: 0,
          atMs: NOW - 300 - (ages.length - 1 - i) * 7_200_000,
          idleMs,
          uses: 3,
          ageMs: undefined,
        });
    };
  const together = (origin: Origin) => {
    origin.connected(NOW - 250_000, 0.1);
    for (const idleMs of [9_000, 4_000, 1_000])
      origin.closedIdle({ lateMs: 0, atMs: NOW - 300, idleMs, uses: 3, ageMs: undefined });
  };
  const refused = (origin: Origin) => {
    origin.refusedMs = NOW - 300;
  };
  const faraway = (origin: Origin) => {
    for (let i = 0; i < 3; i++) origin.connected(i * 1_000, 40);
  };
  const texts: [Scene, RegExp][] = [
    [{ known: closed(5_000, 5_030) }, /limit is 5 s, observed 2 times with a spread of 30 ms;/],
    [{ known: faraway, elapsedMs: 20 }, /: the end came after 20 ms, sooner than a round trip\. Let/],
    [{ known: closed(5_000), waitedMs: 0 }, /: another, idle no longer, was closed in the same moment\. Let/],
    [
      { known: together, waitedMs: 0 },
      /: other idle connections were closed in the same moment\. No idle limit prevents this: /,
    ],
    [
      { known: refused, waitedMs: 0 },
      /: a new connection was refused\. No idle limit prevents this: look for a restart/,
    ],
    [
      { known: together, elapsedMs: 900 },
      /, and other idle connections were closed in the same moment: the peer may have crashed/,
    ],
    [
      { known: refused, elapsedMs: 900 },
      /, and a new connection was refused: the peer probably crashed or restarted\./,
    ],
    [{ firstWriteFailed: true, dispatched: 88 }, /: its first write failed at once\. Let/],
  ];
  for (const [scene, text] of texts) assert.match(explained({ ...STALE, ...scene }), text);
});

test('a connection that was retired is told by its requests and its age', () => {
  const known = (origin: Origin) => {
    for (const [i, idleMs] of [300, 20_000, 900].entries())
      origin.closedIdle({ lateMs: 0, atMs: i * 60_000, idleMs, uses: 3 + i, ageMs: NOW - 60_000 });
  };
  const text = explained({ ...STALE, uses: 9, idleMs: 50, waitedMs: 0, known });
  assert.match(text, /may have retired this connection after 9 requests and 27\.8 h, as it did with others/);
});

test('what is possible only sounds so, and names the rival', () => {
  const text = explained({ ...STALE, known: () => {} });
  assert.match(text, /may have closed this pooled connection .*, or have dropped the request itself\./);
});

test('our own process is not called the peer', () => {
  for (const [name, scene] of LOCAL) {
    const { initiator, cause } = classify(evidenceOf(scene));
    if (initiator === 'local' && cause !== 'idle_expired')
      assert.match(explained(scene), /^A timeout of this process|^This process/, name);
  }
});

test('what is about a connection that never was says nothing of idleness', () => {
  for (const [name, scene] of SETTING_UP) {
    if (scene.idleMs === 'fresh') assert.doesNotMatch(explained(scene), /idle/, name);
  }
});

test('a peer is named by host and port, an IPv6 address in brackets, and a long name is cut', () => {
  const named = (host: string) => {
    const evidence = evidenceOf(STALE);
    Object.assign(evidence.exchange.origin ?? {}, { host });
    return classify(evidence).explanation ?? '';
  };
  assert.match(named('::1'), /^\[::1\]:8443 /);
  assert.ok(named('x'.repeat(5_000)).length < 500);
});

test('the code of an error that does not look like one is left out', () => {
  const text = explained({ stage: 'connect', idleMs: 'fresh', error: errorOf('/secret?token=1') });
  assert.doesNotMatch(text, /secret/);
});

test('the advised limit leaves a tenth, at least 1 s, at most 5 s, never more than half', () => {
  const limits = [500, 1_000, 2_000, 5_000, 15_000, 60_000, 75_000, 3_600_000];
  assert.deepEqual(limits.map(advisedTimeoutMs), [250, 500, 1_000, 4_000, 13_500, 55_000, 70_000, 3_595_000]);
});

test('a client without a limit, or with the same or a longer one, does not match the peer', () => {
  const of = (clientMs: number) => isMismatch(clientMs, 5_000);
  assert.deepEqual([0, 4_999, 5_000, 9_000].map(of), [true, false, true, true]);
});

test('idle ages fall into eight buckets', () => {
  const ages = [0, 999, 1_000, 4_000, 6_000, 15_000, 60_000, 120_000, 349_999, 350_000];
  const names = ['<1s', '<1s', '1-4s', '4-6s', '6-15s', '15-60s', '60-120s', '120-350s', '120-350s', '>350s'];
  assert.deepEqual(ages.map(idleBucket), names);
});
