import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Origin } from '../../../src/peer/origin';
import { type Advice, fixText } from '../../../src/verdict/advice/advice';
import { adviceFrom, attachedAdvice } from '../../../src/verdict/advice/advise';
import { KEEP_ALIVE_TIMEOUT } from '../../../src/verdict/advice/idle-timeout-settings';
import { classify } from '../../../src/verdict/classify';
import { errorOf, evidenceOf, faraway, NOW, rst, type Scene } from '../scene';
import { LOCAL } from '../tables/local';
import { SETTING_UP } from '../tables/setup';

const STALE: Scene = {
  idleMs: 5_100,
  clientTimeoutMs: 0,
  how: 'fin',
  error: errorOf('ECONNRESET'),
  known: (origin: Origin) => origin.announced(5_000),
};

function adviceFor(scene: Scene): Advice {
  const advice = attachedAdvice(classify(evidenceOf(scene)));
  assert.ok(advice !== undefined);
  return advice;
}
const explained = (scene: Scene) => classify(evidenceOf(scene)).explanation;
const fixed = (scene: Scene) => fixText(adviceFor(scene).fix);

test('a stale connection is explained by the numbers, the one change with its code, and whether to retry', () => {
  assert.deepEqual(adviceFor(STALE), {
    why: 'api.example:8443 probably closed this idle connection before it saw the request (idle for 5.1 s; idle timeouts: peer 5 s as announced, client none)',
    fix: {
      text: 'Close idle connections after 4 s',
      code: 'new https.Agent({ keepAlive: true, timeout: 4000 })',
      idleTimeoutMs: 4_000,
      note: "slower requests emit 'timeout': harmless unless your code destroys them; if it does, set more: Node then closes idle connections 1 s before the announced 5 s",
    },
    retry: 'Safe to retry: GET is idempotent',
  });
});

test('a POST that may have arrived is not to be retried blindly', () => {
  const { retry } = adviceFor({ ...STALE, method: 'POST' });
  assert.equal(retry, 'Do not retry blindly: the server may have executed this POST');
});

test('a closing far below the timeout is not blamed on idleness', () => {
  const early = /^No known idle timeout explains so early a closing/;
  assert.match(fixed({ ...STALE, dead: 'fin', idleMs: 700 }), early);
  assert.match(fixed({ ...STALE, dead: 'fin', idleMs: 20, known: () => {} }), early);
});

test('a client timeout that is short enough but came late is a busy loop or a suspended process', () => {
  assert.match(fixed({ ...STALE, clientTimeoutMs: 4_000 }), /short enough but was applied late/);
});

test('an http agent and an https agent are told apart', () => {
  const evidence = evidenceOf(STALE);
  Object.assign(evidence.exchange.origin ?? {}, { key: 'http://api.example:80' });
  assert.match(classify(evidence).explanation, / new http\.Agent\(/);
});

test('the explanation gives the deciding evidence: observed timeouts, how soon the end came, what happened to others', () => {
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
  /** An origin that closed nothing for four minutes does not close three at once by chance. */
  const together = (origin: Origin) => {
    origin.connected(NOW - 240_000, 1);
    for (const idleMs of [9_000, 4_000, 1_000])
      origin.closedIdle({ lateMs: 0, atMs: NOW - 300, idleMs, uses: 3, ageMs: undefined });
  };
  const refused = (origin: Origin) => {
    origin.refused(NOW - 30);
  };
  const texts: [Scene, RegExp][] = [
    [{ known: closed(5_000, 5_030) }, /peer 5 s as observed in 2 closings within 30 ms, client none\)/],
    [
      { known: faraway, elapsedMs: 8 },
      /: the end came 8 ms after the first write, sooner than any round trip so far\. Try/,
    ],
    [
      { known: together, waitedMs: 0 },
      /: more connections than usual were closed at the same moment\. No idle timeout prevents this: /,
    ],
    [
      { known: refused, waitedMs: 0 },
      /: a new connection was refused at the same moment\. No idle timeout prevents this: look for a restart/,
    ],
    [
      { known: refused, elapsedMs: 900 },
      /, and a new connection was refused: the peer may have crashed or restarted\./,
    ],
    [{ firstWriteFailed: true, dispatched: 88 }, /: the first write failed at once\. Close/],
  ];
  for (const [scene, text] of texts) assert.match(explained({ ...STALE, ...scene }), text);
});

test('a connection that was retired is explained by its requests and its age', () => {
  const known = (origin: Origin) => {
    for (const [i, idleMs] of [300, 20_000, 900].entries())
      origin.closedIdle({ lateMs: 0, atMs: i * 60_000, idleMs, uses: 3 + i, ageMs: NOW - 60_000 });
  };
  const text = explained({ ...STALE, uses: 9, idleMs: 50, waitedMs: 0, known });
  assert.match(text, /may have retired this connection after 9 requests and 27\.8 h, as it did with others/);
});

test('what is only possible sounds so, and names the rival', () => {
  const { why, fix } = adviceFor({ ...STALE, known: () => {} });
  assert.match(why, /may have closed this idle connection .*, or have dropped the request itself/);
  assert.match(fix.text, /^Try /);
  const early = { ...STALE, ...rst, idleMs: 40, elapsedMs: 8, known: faraway };
  const nearer =
    /before it saw the request, or a firewall closer than the peer may have reset the request \(idle for 40 ms.*sooner than any round trip so far\. .* or a firewall nearby/;
  assert.match(explained(early), nearer);
});

test('our own process is not called the peer', () => {
  for (const [name, scene] of LOCAL) {
    const { initiator, cause } = classify(evidenceOf(scene));
    if (initiator === 'local' && cause !== 'idle_expired')
      assert.doesNotMatch(explained(scene), /^(api\.example|The peer)/, name);
  }
});

test('advice about a connection that was never established does not mention idleness', () => {
  for (const [name, scene] of SETTING_UP) {
    if (scene.idleMs === 'fresh') assert.doesNotMatch(explained(scene), /idle/, name);
  }
});

test('a peer is named by host and port, an IPv6 address in brackets, and a long name is cut', () => {
  const named = (host: string) => {
    const evidence = evidenceOf(STALE);
    Object.assign(evidence.exchange.origin ?? {}, { host });
    return classify(evidence).explanation;
  };
  assert.match(named('::1'), /^\[::1\]:8443 /);
  assert.ok(named('x'.repeat(5_000)).length < 600);
  assert.match(named('a\u001b[31mb/c?d\n'), /^a\?\?31mb\?c\?d\?:8443 probably/);
});

test('what an error carries in place of a code or a system call is left out', () => {
  const error = Object.assign(new Error(), { code: '/secret?token=1', syscall: 'secret call' });
  assert.doesNotMatch(explained({ stage: 'connect', idleMs: 'fresh', error }), /secret/);
  assert.doesNotMatch(explained({ ...STALE, method: 'SECRET'.repeat(9) }), /SECRETSECRETSECRETSECRET/);
});

test('a reader of spans gets the same advice, less what only the process saw', () => {
  const failure = classify(evidenceOf(STALE));
  const server = { host: 'api.example', port: 8443 };
  const advice = adviceFrom({ failure, method: 'GET', server, setting: KEEP_ALIVE_TIMEOUT });
  assert.equal(advice.why, attachedAdvice(failure)?.why);
  assert.equal(advice.fix.text, attachedAdvice(failure)?.fix.text);
  assert.equal(advice.retry, attachedAdvice(failure)?.retry);
});

test('a pooled connection that the kernel had given up did not answer within no time', () => {
  const given = (idleMs: number) => explained({ dead: 'lost', idleMs, error: errorOf('ETIMEDOUT', 'read') });
  assert.match(
    given(5_000),
    /^The kernel of this machine had given up this pooled connection to api\.example:8443 before/,
  );
  assert.match(
    given(90_000),
    / before the request took it \(read ETIMEDOUT\) \(idle for 90 s.*\): a NAT, load balancer or firewall may have/,
  );
});

test('an end by a proxy is attributed to the proxy', () => {
  const failure = classify(evidenceOf(STALE));
  const server = { host: 'api.example', port: 8443 };
  const why = (peerPort: number) => {
    const connection = { ...failure.connection, peerAddress: '192.0.2.9', peerPort };
    return adviceFrom({ failure: { ...failure, connection }, method: 'GET', server }).why;
  };
  assert.match(why(3_128), /^192\.0\.2\.9:3128, asked for api\.example:8443, probably closed this idle connection/);
  assert.match(why(8_443), /^api\.example:8443 probably closed/);
});
