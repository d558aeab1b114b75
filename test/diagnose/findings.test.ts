import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FailureTable } from '../../src/diagnose/collect/failure-table';
import { retryText } from '../../src/diagnose/print/changes';
import { shorterText } from '../../src/diagnose/print/timeouts';
import { diagnosed } from './diagnosed';
import { failed, healthy, type Request, stale } from './spans';

const at = (attributes: Request['attributes'], more: Partial<Request> = {}): Request => ({
  atMs: 1_000,
  ...more,
  ...(attributes === undefined ? {} : { attributes }),
});

const MISMATCH = { 'socket.peer_timeout_ms': 5_000, 'socket.peer_timeout_source': 'announced' };

test('the change to make is worth the failures whose connections it would have closed', () => {
  const idle = [4_600, 4_900, 5_000, 5_200, 9_000, 4_100].map((ms, i) => at(stale(i, ms)));
  const [change] = diagnosed([...idle, ...idle.slice(0, 1)]).changes;
  assert.deepEqual(change?.setting, { name: 'timeout', valueMs: 4_000 });
  assert.equal(change?.code, 'new http.Agent({ keepAlive: true, timeout: 4000 })');
  assert.equal(change?.avoided, 7);
  const undici = diagnosed([at(stale(1, 5_100), { library: 'undici' })]).changes[0];
  assert.equal(undici?.setting?.name, 'keepAliveTimeout');
  assert.match(undici?.code ?? '', /keepAliveTimeout: 4000, keepAliveMaxTimeout: 4000/);
});

test('of several idle timeouts that were learned, the shortest is the one to stay below', () => {
  const peer = (ms: number, idleMs: number) => at(stale(idleMs, idleMs, { 'socket.peer_timeout_ms': ms }));
  const [change] = diagnosed([peer(10_000, 10_100), peer(6_000, 6_100), peer(8_000, 8_100)]).changes;
  assert.equal(change?.setting?.valueMs, 5_000);
  assert.equal(change?.avoided, 3);
});

test('where pools of a service differ, the peer is said to be shorter for those for which it is', () => {
  const of = (clientMs: number, mismatch: boolean, atMs: number) =>
    at(
      { ...healthy(atMs, 1), ...MISMATCH, 'socket.client_timeout_ms': clientMs, 'socket.timeout_mismatch': mismatch },
      { atMs },
    );
  const shorter = (...requests: readonly Request[]) => {
    const [finding] = diagnosed(requests).timeouts;
    return finding === undefined ? undefined : shorterText(finding);
  };
  const [keepsTooLong, later] = [of(0, true, 1_000), of(0, false, 3_000)];
  assert.equal(shorter(keepsTooLong), "the peer's: set 4 s");
  assert.equal(shorter(keepsTooLong, of(4_000, false, 2_000)), "the peer's for some pools: set 4 s");
  assert.equal(shorter(of(4_000, false, 2_000)), "the client's");
  assert.equal(shorter(later, keepsTooLong), "the client's", 'the latest that is known of a pool counts');
  assert.equal(
    shorter(
      at(stale(1, 5_100), { library: 'undici' }),
      at(stale(1, 5_100, { 'socket.timeout_mismatch': false }), { atMs: 2_000 }),
    ),
    "the peer's for some pools: set 4 s",
    'what section 5 would change is not denied',
  );
});

test('an end on a connection that was hardly idle is not blamed on an idle timeout', () => {
  const [change] = diagnosed([at(stale(1, 300))]).changes;
  assert.equal(change?.setting, undefined);
  assert.match(change?.text ?? '', /No known idle timeout explains so early a closing/);
});

test('retries count what was safe, and warn of what was not', () => {
  const { retry, avoidable } = diagnosed([
    at(stale(1, 5_100)),
    at(failed(2)),
    at(failed(3, { 'socket.failure.retry_safe': false })),
    at(failed(4, { 'socket.failure.cause': 'tls_failed' })),
    // In vain, and never said to be safe by the error that is thrown.
    ...['not_listening', 'connect_timeout', 'client_timeout'].map((cause) =>
      at(failed(5, { 'socket.failure.cause': cause })),
    ),
  ]);
  assert.deepEqual(retry, { saved: 2, savedByTimeouts: 1, risky: 1, unknown: 0 });
  assert.equal(avoidable, 2);
});

test('what may be repeated is said as far as it is known, and nothing is said of what the server executed', () => {
  const safe = (count: number, value?: boolean) =>
    Array.from({ length: count }, (_, i) => {
      const { 'socket.failure.retry_safe': _safe, ...more } = failed(i);
      return at(value === undefined ? more : { ...more, 'socket.failure.retry_safe': value });
    });
  const textOf = (...requests: readonly Request[]) => retryText(diagnosed(requests).retry).split('. ').at(-1);
  assert.equal(textOf(...safe(3, true)), 'No failure is known to be unsafe to repeat.');
  assert.equal(
    textOf(...safe(1, true), ...safe(3)),
    'No failure is known to be unsafe to repeat; for 3 it is not known.',
  );
  assert.equal(
    textOf(...safe(2, false), ...safe(1)),
    '2 failed requests are not safe to repeat, unless doing them twice is harmless; for 1 more it is not known.',
  );
});

test('fresh and reused connections are counted apart, and reused ones by idle age', () => {
  const reused = (id: number, idleMs: number) => at({ ...healthy(id, 1), 'socket.idle_ms': idleMs });
  const [finding] = diagnosed([
    reused(1, 500),
    reused(2, 5_000),
    at(stale(3, 5_100)),
    at({ 'socket.id': 4, 'socket.reused': false }),
  ]).reuse;
  assert.equal(finding?.answer, 'only reused');
  assert.deepEqual(finding?.fresh, { requests: 1, failures: 0 });
  assert.deepEqual(finding?.reused, { requests: 3, failures: 1 });
  assert.deepEqual(finding?.byIdle, [
    { bucket: '<1s', requests: 1, failures: 0 },
    { bucket: '4-6s', requests: 2, failures: 1 },
  ]);
});

test("a request that the program cancelled is no failure, and a client that left is its server's business", () => {
  const cancelled = failed(1, {
    'socket.failure.kind': 'local_abort',
    'socket.failure.cause': 'client_cancelled',
    'socket.failure.initiator': 'local',
  });
  const { failures, limits } = diagnosed([at(cancelled)]);
  assert.equal(failures, 0);
  assert.ok(
    limits.some((limit) => limit.startsWith('1 request that the program itself cancelled')),
    limits.join('\n'),
  );
});

test('what a failed span does not say is neither guessed nor fatal', () => {
  const { hosts, changes } = diagnosed([
    at({ 'socket.failure.kind': 'closed' }),
    at({
      'socket.failure.kind': 'of a later version',
      'socket.failure.cause': 'also',
      'socket.failure.retry_safe': 'yes',
    }),
  ]);
  assert.equal(hosts[0]?.failures, 2);
  assert.deepEqual(
    hosts[0]?.causes.map(({ cause, failures, byConfidence }) => [cause, failures, byConfidence]),
    [['unknown', 2, {}]],
  );
  assert.equal((hosts[0]?.safeToRetry ?? 0) + (hosts[0]?.notSafeToRetry ?? 0), 0);
  assert.deepEqual(changes, []);
});

test('failures beyond 200,000 are counted, and the table keeps the first', () => {
  const table = new FailureTable();
  const { failure, connection } = {
    failure: { cause: 'stale_keepalive', elapsedMs: 3, retrySafe: true },
    connection: { idleMs: 7, reused: true },
  } as const;
  const span = {
    isClient: true,
    service: 'a/s',
    serviceName: 's',
    instance: 'i',
    host: 'h',
    server: { host: 'h', port: 1 },
    address: undefined,
    startMs: 1,
    endMs: 2.5,
  };
  const whole = {
    ...span,
    method: 'GET',
    scheme: undefined,
    statusCode: undefined,
    library: undefined,
    isAnnotated: true,
    connection,
    failure,
  };
  for (let i = 0; i < 200_001; i += 1) table.add(whole);
  assert.equal(table.length, 200_000);
  assert.deepEqual(table.at(199_999), whole);
});
