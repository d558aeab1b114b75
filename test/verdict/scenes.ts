import assert from 'node:assert/strict';
import fc from 'fast-check';
import { UNKNOWN_SETTING } from '../../src/connection/idle-timeout-setting';
import type { Origin } from '../../src/peer/origin';
import { AGENT_TIMEOUT, FREE_SOCKET_TIMEOUT, KEEP_ALIVE_TIMEOUT } from '../../src/verdict/advice/idle-timeout-settings';
import { classify } from '../../src/verdict/classify';
import type { Evidence } from '../../src/verdict/evidence/evidence';
import type { ReportedFailure } from '../../src/verdict/failure';
import { errorOf, evidenceOf, fin, NOW, rst, type Scene } from './scene';

/** `VERDICT_RUNS=100000` plays so many scenes of each property. */
export const RUNS = { numRuns: Number(process.env.VERDICT_RUNS ?? 4_000) };

const CODES = ['ECONNRESET', 'EPIPE', 'ECONNREFUSED', 'ENOENT', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH'];
const OURS = ['EMFILE', 'EADDRNOTAVAIL', 'EACCES', 'EAGAIN', 'EPROTO', 'CERT_HAS_EXPIRED', 'ERR_SSL_BAD', 'EIO'];
const CLIENTS = [
  'HPE_INVALID_CONSTANT',
  'HPE_HEADER_OVERFLOW',
  'ERR_PROXY_TUNNEL',
  'UND_ERR_SOCKET',
  'UND_ERR_ABORTED',
];
const MORE = [
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'ESERVFAIL',
  '',
];
const SYSCALLS = [undefined, 'read', 'write', 'connect', 'bind', 'getaddrinfo', 'queryA'];
export const ms = fc.oneof(fc.constantFrom(0, 0.4, 5_000, 60_000), fc.double({ min: 0, max: 1e8, noNaN: true }));

const error = fc.oneof(
  fc
    .tuple(fc.constantFrom(...CODES, ...OURS, ...CLIENTS, ...MORE), fc.constantFrom(...SYSCALLS))
    .map((a) => errorOf(...a)),
  fc
    .array(fc.constantFrom(...CODES), { maxLength: 3 })
    .map((codes) => new AggregateError(codes.map((c) => errorOf(c, 'connect')))),
  fc.constantFrom('AbortError', 'TimeoutError', 'HTTPParserError').map((name) => Object.assign(new Error(), { name })),
  fc.anything(),
  ...Array<fc.Arbitrary<undefined>>(4).fill(fc.constant(undefined)),
);

/** Requests of different moments ended after the same time. */
function limit(origin: Origin, elapsedMs: number): void {
  for (let i = 5; i > 0; i -= 1) {
    const atMs = NOW - i * 60_000 - ((i * i) % 3) * 13_000;
    origin.closedInFlight({ atMs, elapsedMs, silentMs: elapsedMs, connectionId: i, connectionMs: elapsedMs * i }, true);
  }
}

/** What was learned before, in any order and at any time. */
const known = fc.array(fc.tuple(fc.nat(7), ms, ms), { maxLength: 8 }).map((steps) => (origin: Origin) => {
  for (const [what, atMs, value] of steps) {
    const elapsedMs = value;
    if (what === 0) origin.announced(Math.ceil(value) + 1);
    if (what === 1) origin.succeeded(NOW - atMs, value > 50_000 ? undefined : value);
    if (what === 2)
      origin.closedIdle({ lateMs: 0, atMs: NOW - atMs, idleMs: value, uses: Math.round(atMs), ageMs: undefined });
    if (what === 3)
      origin.closedInFlight(
        { atMs: NOW - atMs, elapsedMs, silentMs: value / 2, connectionId: undefined, connectionMs: value },
        true,
      );
    if (what === 4)
      origin.closedInFlight(
        { atMs: NOW - (atMs % 900), elapsedMs, silentMs: value, connectionId: undefined, connectionMs: value },
        true,
      );
    if (what === 5) origin.connected(value, value);
    if (what === 6) origin.refused(NOW - atMs);
    if (what === 7) limit(origin, value);
  }
});

const request = fc.record({
  ended: fc.boolean(),
  missingBytes: fc.constantFrom(undefined, 0, 45, -2),
  quietMs: fc.constantFrom(undefined, 0, 500),
  abandoned: fc.boolean(),
});
/** Hides most of what there is to see. */
const seldom = fc.constantFrom(...Array<undefined>(9).fill(undefined), true as const);
/** What the observers saw beside the socket itself: any of it may be missing. */
const seen: fc.Arbitrary<Partial<Evidence>> = fc.record(
  {
    unsent: seldom,
    request,
    sinceByteMs: ms,
    paused: fc.boolean(),
    interim: seldom,
    missingResponseBytes: fc.constantFrom(0, 8),
    handleless: seldom,
    signalAborted: seldom,
    abortReasonUnknown: seldom,
  },
  { requiredKeys: [] },
);

const how = fc.constantFrom(
  'fin',
  'fin',
  'fin',
  'reset',
  'reset',
  'guard',
  'stray',
  'lost',
  'timer',
  'agent',
  'request',
  'program',
);
const anything = fc
  .record(
    {
      method: fc.constantFrom('GET', 'POST', 'PATCH', 'QUERY', 'X'.repeat(300)),
      secure: fc.boolean(),
      idleMs: fc.oneof(ms, fc.constantFrom('fresh', 'none')),
      uses: fc.integer({ min: 1, max: 1_000 }),
      clientTimeoutMs: fc.constantFrom(0, 4_000, 60_000),
      known,
      elapsedMs: fc.oneof(ms, fc.constant(-50)),
      waitedMs: ms,
      stage: fc.constantFrom('queue', 'dns', 'connect', 'proxy', 'tls', ...Array<'ready'>(10).fill('ready')),
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
      seen,
      setting: fc.constantFrom(AGENT_TIMEOUT, FREE_SOCKET_TIMEOUT, KEEP_ALIVE_TIMEOUT, UNKNOWN_SETTING),
    },
    { requiredKeys: [] },
  )
  .map(({ dead, ...scene }) => ({
    ...scene,
    ...(typeof scene.idleMs === 'number' && dead !== undefined ? { dead } : {}),
    ...(scene.status === undefined ? {} : { received: 60 }),
  })) as fc.Arbitrary<Scene>;

/** The peer ends a request that was sent, after a time that it may have shown before. */
const flights: fc.Arbitrary<Scene> = fc
  .record({
    method: fc.constantFrom('GET', 'POST'),
    idleMs: fc.oneof(ms, fc.constant('fresh' as const)),
    known,
    before: fc.constantFrom(undefined, 5_000, 60_000),
    elapsedMs: fc.constantFrom(450, 5_000, 60_000),
    end: fc.constantFrom({ ...fin }, { ...rst }),
    received: fc.constantFrom(0, 0, 60),
    paused: fc.constantFrom(false, true, undefined),
  })
  .map(({ end, before, known: learn, paused, ...scene }) => ({
    ...scene,
    ...end,
    known: (origin) => {
      learn(origin);
      if (before !== undefined) limit(origin, before);
    },
    seen: { paused, ...(scene.received > 0 && { sinceByteMs: scene.elapsedMs }) },
  }));

/** The connection was gone when a request got it. */
const unsent: fc.Arbitrary<Scene> = fc.record({
  method: fc.constantFrom('GET', 'POST'),
  idleMs: ms,
  known,
  dead: fc.oneof(how, fc.constant('unseen' as const)),
  unwritten: fc.constant(true),
});

const scenes = fc.oneof({ weight: 3, arbitrary: anything }, flights, unsent);

/** Any evidence, however odd, and whether an earlier attempt wrote, or other requests share the connection. */
export const evidence: fc.Arbitrary<Evidence> = fc
  .tuple(scenes, fc.constantFrom(false, false, true), fc.constantFrom(false, false, true))
  .map(([scene, wroteBefore, multiplexed]) => {
    const e = evidenceOf(scene);
    e.exchange.wroteBefore = wroteBefore;
    e.exchange.multiplexed = multiplexed;
    return e;
  });

/**
 * Checks every verdict. `check` returns false where what it is about does not occur; the test fails if that is almost
 * always so, because then it shows nothing.
 */
export function checkVerdicts(check: (e: Evidence, v: ReportedFailure) => boolean | undefined): void {
  let checked = 0;
  const property = fc.property(evidence, (e) => {
    if (check(e, classify(e)) !== false) checked += 1;
  });
  fc.assert(property, RUNS);
  assert.ok(checked >= RUNS.numRuns / 200, `${checked} of ${RUNS.numRuns}`);
}
