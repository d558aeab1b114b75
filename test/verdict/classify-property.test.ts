import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { UNKNOWN_SETTING } from '../../src/connection/idle-timeout-setting';
import { AGENT_TIMEOUT, FREE_SOCKET_TIMEOUT } from '../../src/observe/http/pool-timeout';
import { KEEP_ALIVE_TIMEOUT } from '../../src/observe/undici/exchange';
import type { Origin } from '../../src/peer/origin';
import { classify } from '../../src/verdict/classify';
import { errorOf, evidenceOf, line, NOW, type Scene } from './scene';

const CODES = ['ECONNRESET', 'EPIPE', 'ECONNREFUSED', 'ENOENT', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH'];
const OURS = ['EMFILE', 'EPROTO', 'CERT_HAS_EXPIRED', 'ERR_SSL_BAD', 'HPE_INVALID_CONSTANT', 'HPE_HEADER_OVERFLOW'];
const SYSCALLS = [undefined, 'read', 'write', 'connect', 'getaddrinfo'];
const ms = fc.oneof(fc.constantFrom(0, 0.4, 5_000, 60_000), fc.double({ min: 0, max: 1e8, noNaN: true }));

const error = fc.oneof(
  fc
    .tuple(fc.constantFrom(...CODES, ...OURS, 'ERR_PROXY_TUNNEL', ''), fc.constantFrom(...SYSCALLS))
    .map((a) => errorOf(...a)),
  fc
    .array(fc.constantFrom(...CODES), { maxLength: 3 })
    .map((codes) => new AggregateError(codes.map((c) => errorOf(c, 'connect')))),
  fc.constantFrom('AbortError', 'TimeoutError').map((name) => Object.assign(new Error(), { name })),
  fc.anything(),
);

/** What was learned before, in any order and at any time. */
const known = fc.array(fc.tuple(fc.nat(4), ms, ms), { maxLength: 12 }).map((steps) => (origin: Origin) => {
  for (const [what, atMs, value] of steps) {
    if (what === 0) origin.announced(Math.ceil(value) + 1);
    if (what === 1) origin.succeeded(NOW - atMs, value > 50_000 ? undefined : value);
    if (what === 2)
      origin.closedIdle({ lateMs: 0, atMs: NOW - atMs, idleMs: value, uses: Math.round(atMs), ageMs: undefined });
    if (what === 3)
      origin.closedInFlight({ atMs: NOW - atMs, elapsedMs: value, silentMs: value / 2, connectionId: undefined }, true);
    if (what === 4) origin.connected(value, value);
  }
});

const how = fc.constantFrom('fin', 'reset', 'guard', 'lost', 'timer', 'agent', 'request', 'program');
const scenes = fc
  .record(
    {
      method: fc.constantFrom('GET', 'POST', 'QUERY', 'X'.repeat(300)),
      secure: fc.boolean(),
      idleMs: fc.oneof(ms, fc.constantFrom('fresh', 'none')),
      uses: fc.integer({ min: 1, max: 1_000 }),
      clientTimeoutMs: fc.constantFrom(0, 4_000, 60_000),
      known,
      elapsedMs: fc.oneof(ms, fc.constant(-50)),
      waitedMs: ms,
      stage: fc.constantFrom('queue', 'dns', 'connect', 'proxy', 'tls', 'ready', 'ready', 'ready', 'ready'),
      dead: fc.oneof(how, fc.constant('unseen')),
      how,
      error,
      unwritten: fc.boolean(),
      firstWriteFailed: fc.boolean(),
      dispatched: fc.constantFrom(0, 88),
      uploading: fc.boolean(),
      received: fc.constantFrom(0, 0, 1, 900),
      status: fc.constantFrom(200, 408, 413, 503),
      timedOut: fc.boolean(),
      setting: fc.constantFrom(AGENT_TIMEOUT, FREE_SOCKET_TIMEOUT, KEEP_ALIVE_TIMEOUT, UNKNOWN_SETTING),
    },
    { requiredKeys: [] },
  )
  .map(({ dead, ...scene }) => ({
    ...scene,
    ...(typeof scene.idleMs === 'number' && dead !== undefined ? { dead } : {}),
    ...(scene.status === undefined ? {} : { received: 60 }),
  })) as fc.Arbitrary<Scene>;

/** Causes that an error code or the phase proves, whoever ended the connection. */
const PROVED_BY_CODE = new Set(['name_not_resolved', 'tls_failed', 'unreachable', 'connect_timeout']);
const OUR_OWN = new Set([
  'client_timeout',
  'client_cancelled',
  'pool_closed',
  'local_resource',
  'connect_timeout',
  'tls_failed',
]);

test('no evidence, however odd, leads to a verdict that claims too much', () => {
  fc.assert(
    fc.property(scenes, (scene) => {
      const evidence = evidenceOf(scene);
      const v = classify(evidence);
      const context = line(v);
      const { dead } = evidence.exchange;
      if (v.confidence === 'certain' && v.initiator !== 'local') {
        const seenDead = dead !== undefined && dead !== 'unseen' && dead.initiator === 'remote' && v.sent === 'none';
        assert.ok(
          seenDead || (PROVED_BY_CODE.has(v.cause ?? '') && evidence.error.code + evidence.error.syscall !== ''),
          context,
        );
      }
      if (v.confidence === 'certain' && v.initiator === 'local') assert.ok(OUR_OWN.has(v.cause ?? ''), context);
      assert.equal(v.sent === 'received', evidence.progress.received > 0, context);
      assert.ok(v.elapsedMs !== undefined && Number.isInteger(v.elapsedMs) && v.elapsedMs >= 0, context);
      const farewell = v.cause === 'stale_keepalive' && v.sent === 'received' && scene.status === 408;
      if (v.retrySafe && scene.method === 'POST') assert.ok(v.sent === 'none' || farewell, context);
      if (v.retrySafe && v.initiator === 'local') assert.equal(v.sent, 'none', context);
      if (v.cause === 'stale_keepalive' && !farewell) assert.notEqual(v.sent, 'received', context);
      if (v.cause === 'stale_keepalive' || v.cause === 'recycled')
        assert.equal(evidence.exchange.reused, true, context);
    }),
    { numRuns: 8_000 },
  );
});

test('every explanation is two short sentences without holes', () => {
  fc.assert(
    fc.property(scenes, (scene) => {
      const { explanation = '' } = classify(evidenceOf(scene));
      assert.match(explanation, /^\S.{40,498}[^.]\.$/);
      assert.ok(explanation.split('. ').length === 2, explanation);
      assert.doesNotMatch(explanation, /undefined|NaN|\[object|Infinity|-\d+ m?s|\s\s|\(\)/);
    }),
    { numRuns: 8_000 },
  );
});
