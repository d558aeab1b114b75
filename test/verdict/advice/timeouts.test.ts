import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Origin } from '../../../src/peer/origin';
import { fixText } from '../../../src/verdict/advice/advice';
import { DISPATCHER_OPTION, KEEP_ALIVE_TIMEOUT } from '../../../src/verdict/advice/idle-timeout-settings';
import { errorOf, NOW, progress, type Scene, verdictOf } from '../scene';
import { adviceFor, DEADLINE, pool } from './deadline';

const hangUp = errorOf('ECONNRESET');

for (const [name, error, how] of [
  ['AbortSignal.timeout', DEADLINE, 'request'],
  ['a timer that destroys the request', hangUp, 'timer'],
] as const) {
  test(`${name}: the time is said, where it stood, and what is slow`, () => {
    const { why, fix } = adviceFor({ how, error, elapsedMs: 5_000 });
    assert.equal(why, 'A timeout of this process ended the request after 5 s, before a byte of the response came');
    assert.equal(fix.text, 'Find what is slow at api.example:8443, or allow more than 5 s');
  });

  test(`${name}, after more idleness than any connection survived: the path may have forgotten it`, () => {
    const scene = { how, error, elapsedMs: 1_500 };
    assert.doesNotMatch(adviceFor({ ...scene, idleMs: 20_000 }).fix.text, /forgets/);
    const known = (origin: Origin) => origin.succeeded(NOW - 10_000, 70_000, 5, undefined);
    assert.doesNotMatch(adviceFor({ ...scene, idleMs: 61_000, known }).fix.text, /forgets/);
    assert.equal(
      adviceFor({ ...scene, idleMs: 61_000 }).fix.text,
      'Find what is slow at api.example:8443, or what on the way forgets idle connections, or allow more than 1.5 s',
    );
  });

  test(`${name}, in the queue of the pool: the pool is too small, with its size`, () => {
    const queued: Scene = { stage: 'queue', idleMs: 'none', how, error, elapsedMs: 500 };
    const { why, fix } = adviceFor(queued, pool({ connections: 10 }));
    assert.equal(
      why,
      'A timeout of this process ended the request after 500 ms, while it waited for a free connection of the pool',
    );
    assert.equal(fix.text, 'Give the pool more than 10 connections (maxSockets), or find what holds them so long');
    const undici = adviceFor(queued, pool({ setting: 'connections' }));
    assert.equal(undici.fix.text, 'Give the pool more connections (connections), or find what holds them so long');
  });

  test(`${name}, after most of the time went into the queue: the pool again`, () => {
    const { why, fix } = adviceFor({ how, error, elapsedMs: 100 }, (e) => {
      e.exchange.queueMs = 500;
    });
    assert.match(why, /ended the request after 600 ms, before .*, 500 ms of it in the queue of the pool$/);
    assert.match(fix.text, /^Give the pool more connections/);
  });

  for (const [stage, when, change] of [
    ['dns', 'while the name was being resolved', /^Check the resolver, .*UV_THREADPOOL_SIZE.* or allow more than 5 s$/],
    ['connect', 'while the connection was being made', /^Find what makes connecting to api\.example:8443 slow/],
    ['tls', 'during the TLS handshake', /^Find what makes the TLS handshake slow, or allow more than 5 s$/],
  ] as const) {
    test(`${name}, in ${stage}: that is what is slow`, () => {
      const { why, fix } = adviceFor({ stage, secure: true, idleMs: 'fresh', how, error, elapsedMs: 5_020 });
      assert.match(why, new RegExp(`${when}$`));
      assert.match(fix.text, change);
    });
  }

  test(`${name}, after a slow resolver: the phase is not what was slow`, () => {
    const { why, fix } = adviceFor({ stage: 'connect', idleMs: 'fresh', how, error, elapsedMs: 5_000 }, (e) => {
      assert.ok(e.exchange.connection !== undefined);
      e.exchange.connection.dnsMs = 4_800;
    });
    assert.match(why, /while the connection was being made, 4\.8 s of it on resolving the name$/);
    assert.match(fix.text, /^Check the resolver/);
  });

  test(`${name}, while this process was busy: the event loop is what was slow`, () => {
    const { why, fix } = adviceFor({ how, error, elapsedMs: 5_000, waitedMs: 100 });
    assert.match(why, /, 4\.9 s of it with a busy event loop in this process$/);
    assert.equal(fix.text, 'Find what blocks the event loop of this process: the answer may have come in time');
  });
}

test('a timeout before anything was sent does not speak of an upload', () => {
  const { why, fix } = adviceFor({ how: 'timer', unwritten: true, elapsedMs: 800, error: hangUp });
  assert.match(why, /before any of it was sent$/);
  assert.equal(fix.text, 'Find what keeps this process from sending the request, or allow more than 800 ms');
});

test('a timeout of a request whose body waits for 100 Continue does not speak of a slow upload', () => {
  const request = progress({ awaitsContinue: true });
  const { why, fix } = adviceFor({ how: 'timer', uploading: true, elapsedMs: 800, error: hangUp, seen: { request } });
  assert.match(why, /while it waited for the peer's 100 Continue$/);
  assert.equal(fix.text, 'Find what is slow at api.example:8443, or send the body without Expect: 100-continue');
});

test('a timeout while this process did not read the response does not blame the peer', () => {
  const unread: Scene = { how: 'timer', received: 90, elapsedMs: 800, error: hangUp };
  for (const [seen, when] of [
    [{ paused: true }, /, in the middle of the response$/],
    [{ responseComplete: true }, /, after the whole response had arrived$/],
  ] as const) {
    const { why, fix } = adviceFor({ ...unread, seen });
    assert.match(why, when);
    assert.equal(fix.text, 'Find what keeps this process from reading the response, or allow more than 800 ms');
  }
  assert.match(adviceFor(unread).fix.text, /^Find what is slow at /);
});

const IMPORT = "import { Agent, setGlobalDispatcher } from 'undici'; setGlobalDispatcher(new Agent({ ";
for (const [code, option, scene] of [
  ['UND_ERR_HEADERS_TIMEOUT', 'headersTimeout: 2050', { how: 'request', elapsedMs: 1_024 }],
  // Its timer begins when the request is written.
  ['UND_ERR_HEADERS_TIMEOUT', 'headersTimeout: 1050', { how: 'request', elapsedMs: 4_512, uploadMs: 4_000 }],
  ['UND_ERR_CONNECT_TIMEOUT', 'connect: { timeout: 2050 }', { stage: 'connect', idleMs: 'fresh', elapsedMs: 1_024 }],
] as const) {
  test(`${code}: the setting of undici by its name, with twice the time: ${option}`, () => {
    const byAgent = adviceFor({ ...scene, setting: KEEP_ALIVE_TIMEOUT, error: errorOf(code) });
    assert.match(byAgent.why, new RegExp(`\\(${code}\\)$`));
    assert.equal(byAgent.fix.code, `${IMPORT}${option} }))`);
    assert.match(byAgent.fix.text, new RegExp(`\\(${option.split(':')[0]}`));
    assert.doesNotMatch(fixText(byAgent.fix), /http\.Agent/);
    const another = adviceFor({ ...scene, setting: DISPATCHER_OPTION, error: errorOf(code) });
    assert.ok(fixText(another.fix).endsWith(`: { ${option} } (as options of this client's dispatcher)`));
  });
}

test('the time between two bytes is not that of the whole request', () => {
  const { fix } = adviceFor({ how: 'request', received: 90, elapsedMs: 7_000, error: errorOf('UND_ERR_BODY_TIMEOUT') });
  assert.match(fixText(fix), /allow more time between two bytes \(bodyTimeout of undici, 300 s by default\)$/);
});

test("Node's own timer for each of several addresses is named, with the address, and how many were tried", () => {
  const failed = (code: string, address: string) => Object.assign(errorOf(code, 'connect'), { address, port: 8443 });
  const error = new AggregateError([failed('ETIMEDOUT', '192.0.2.1'), failed('EHOSTUNREACH', '192.0.2.2')]);
  const { why, fix } = adviceFor({ stage: 'connect', idleMs: 'fresh', elapsedMs: 510, error });
  assert.match(why, /within 510 ms \(connect ETIMEDOUT 192\.0\.2\.1:8443; 2 addresses tried\)/);
  assert.match(
    fixText(fix),
    /autoSelectFamilyAttemptTimeout.*: net\.setDefaultAutoSelectFamilyAttemptTimeout\(1000\)$/,
  );
});

test('if another address refused, the slow one is perhaps not to blame', () => {
  const failed = (code: string, address: string) => Object.assign(errorOf(code, 'connect'), { address, port: 8443 });
  const error = new AggregateError([failed('ETIMEDOUT', '2001:db8::1'), failed('ECONNREFUSED', '192.0.2.2')]);
  const scene: Scene = { stage: 'connect', idleMs: 'fresh', elapsedMs: 510, error };
  assert.equal(verdictOf(scene), 'timed_out connect local none connect_timeout possible retry');
  const { why, fix } = adviceFor(scene);
  assert.match(why, /only a short time, and another of them refused$/);
  assert.match(fixText(fix), /^Check that the server runs where it refused; if it does, give each address more time/);
});

test('a connect that the network gave up names the address, and no timer of this process', () => {
  const error = Object.assign(errorOf('ETIMEDOUT', 'connect'), { address: '192.0.2.1', port: 8443 });
  const { why, fix } = adviceFor({ stage: 'connect', idleMs: 'fresh', elapsedMs: 131_000, error });
  assert.equal(
    why,
    'api.example:8443 did not answer the connection attempt within 131 s (connect ETIMEDOUT 192.0.2.1:8443)',
  );
  assert.match(fix.text, /^Check that packets reach that address/);
});

test('what this process was too busy to see is not blamed on the network', () => {
  const { why, fix } = adviceFor({ how: 'request', error: DEADLINE, elapsedMs: 20, idleMs: 'fresh' }, (e) => {
    const { connection } = e.exchange;
    if (connection !== undefined) Object.assign(connection, { connectMs: 1_500, busyMs: 1_450 });
  });
  assert.match(why, /, 1\.4 s of it with a busy event loop in this process$/);
  assert.match(fix.text, /^Find what blocks the event loop of this process/);
});

test('a deadline that left no time is not blamed on the pool or the network', () => {
  for (const scene of [{ stage: 'queue', idleMs: 'none' }, {}] as const) {
    const { fix } = adviceFor({ ...scene, how: 'request', error: DEADLINE, elapsedMs: 2 });
    assert.match(fix.text, /^Give each request a deadline of its own/);
  }
});

test('a timeout of a request whose body is shorter than its Content-Length does not speak of a slow upload', () => {
  const request = progress({ ended: true, missingBytes: 7 });
  const { fix } = adviceFor({ how: 'timer', uploading: true, elapsedMs: 800, error: hangUp, seen: { request } });
  assert.equal(fix.text, 'Set Content-Length to the number of bytes in the body, or leave it out');
});
