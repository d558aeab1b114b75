import fc from 'fast-check';
import { UNKNOWN_SETTING } from '../../src/connection/idle-timeout-setting';
import type { Origin } from '../../src/peer/origin';
import { AGENT_TIMEOUT, FREE_SOCKET_TIMEOUT, KEEP_ALIVE_TIMEOUT } from '../../src/verdict/advice/idle-timeout-settings';
import type { Evidence } from '../../src/verdict/evidence/evidence';
import { errorOf, evidenceOf, NOW, type Scene } from './scene';

/** `VERDICT_RUNS=100000` plays so many scenes of each property. */
export const RUNS = { numRuns: Number(process.env.VERDICT_RUNS ?? 2_000) };

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
);

/** What was learned before, in any order and at any time. */
const known = fc.array(fc.tuple(fc.nat(6), ms, ms), { maxLength: 12 }).map((steps) => (origin: Origin) => {
  for (const [what, atMs, value] of steps) {
    const elapsedMs = value;
    if (what === 0) origin.announced(Math.ceil(value) + 1);
    if (what === 1) origin.succeeded(NOW - atMs, value > 50_000 ? undefined : value);
    if (what === 2)
      origin.closedIdle({ lateMs: 0, atMs: NOW - atMs, idleMs: value, uses: Math.round(atMs), ageMs: undefined });
    if (what === 3)
      origin.closedInFlight({ atMs: NOW - atMs, elapsedMs, silentMs: value / 2, connectionId: undefined }, true);
    if (what === 4)
      origin.closedInFlight({ atMs: NOW - (atMs % 900), elapsedMs, silentMs: value, connectionId: undefined }, true);
    if (what === 5) origin.connected(value, value);
    if (what === 6) origin.refused(NOW - atMs);
  }
});

const request = fc.record({
  ended: fc.boolean(),
  missingBytes: fc.constantFrom(undefined, 0, 45, -2),
  quietMs: fc.constantFrom(undefined, 0, 500),
  abandoned: fc.boolean(),
});
const yes = fc.constant(true as const);
/** What the observers saw beside the socket itself: any of it may be missing. */
const seen: fc.Arbitrary<Partial<Evidence>> = fc.record(
  {
    unsent: yes,
    request,
    sinceByteMs: ms,
    paused: fc.boolean(),
    interim: yes,
    missingResponseBytes: fc.constantFrom(0, 8),
    unprocessed: yes,
    handleless: yes,
    signalAborted: yes,
    abortReasonUnknown: yes,
  },
  { requiredKeys: [] },
);

const how = fc.constantFrom('fin', 'reset', 'guard', 'stray', 'lost', 'timer', 'agent', 'request', 'program');
const scenes = fc
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

/** Any evidence, however odd, and whether an earlier attempt wrote, or other requests share the connection. */
export const evidence: fc.Arbitrary<Evidence> = fc
  .tuple(scenes, fc.constantFrom(false, false, true), fc.constantFrom(false, false, true))
  .map(([scene, wroteBefore, multiplexed]) => {
    const e = evidenceOf(scene);
    e.exchange.wroteBefore = wroteBefore;
    e.exchange.multiplexed = multiplexed;
    return e;
  });
