import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diagnosed } from '../diagnosed';
import { failed, healthy, type Request, stale } from '../spans';
import { changes, others } from './requests';

type Attributes = Request['attributes'];

test('requests that were cut after the same time, at different moments, met a time limit', () => {
  const irregular = (i: number) => i * i * 7_000;
  const cut = (count: number, ms: (i: number) => number, more: Attributes = {}, atMs = irregular): Request[] =>
    Array.from({ length: count }, (_, i) => ({
      atMs: atMs(i),
      tookMs: ms(i),
      attributes: failed(i, {
        'socket.reused': i > 0,
        'socket.age_ms': i * 3_000,
        'socket.failure.elapsed_ms': ms(i),
        ...more,
      }),
    }));
  const limited = diagnosed([...others(60), ...cut(6, (i) => 15_000 + i * 20)]);
  assert.deepEqual(changes(limited), { response_timeout: 6 });
  assert.deepEqual(changes(diagnosed([...others(60), ...cut(4, (i) => 15_000 + i * 20)])), {}, 'too few');
  for (const [why, more] of [
    ["the answer to TCP's own probe", { 'socket.failure.kind': 'reset' }],
    ['requests that were dropped', { 'socket.failure.cause': 'rejected' }],
    ['connections that were held and closed', { 'socket.reused': false }],
    ['connections that were closed at one age', { 'socket.reused': true, 'socket.age_ms': 700 }],
    [
      'what a busy process noticed late',
      {
        'socket.failure.explanation':
          'It ended 15 s into the request (noticed by a busy process, up to 14 s late). X. Y.',
      },
    ],
    ['within a round trip', { 'socket.reused': false, 'socket.connect_ms': 7_500 }],
  ] as const)
    assert.deepEqual(changes(diagnosed([...others(60), ...cut(6, (i) => 15_000 + i, more)])), {}, why);
  const timed = diagnosed([
    ...others(60),
    ...cut(
      6,
      () => 15_000,
      {},
      (i) => i * 20_000,
    ),
  ]);
  assert.deepEqual(changes(timed), {}, 'restarts by a timer');
  const [change] = limited.changes;
  assert.equal(change?.cause, 'response_timeout');
  assert.match(change?.text ?? '', /limit of about 15 s/);
  assert.deepEqual(changes(diagnosed([...others(60), ...cut(6, (i) => 3_000 * (i + 1))])), {});

  const longer = Array.from({ length: 5 }, (_, i) => ({ atMs: i * 9_000, tookMs: 20_000, attributes: healthy(i, 0) }));
  const answered = diagnosed([...others(60), ...longer, ...cut(6, () => 15_000)]);
  assert.deepEqual(changes(answered), {}, 'others took longer and were answered');
});

/** A request that was dropped at once, on a connection that had been idle for so long. */
const droppedAfter = (idleMs: number, more: Attributes = {}) =>
  failed(9, {
    'socket.reused': true,
    'socket.idle_ms': idleMs,
    'socket.failure.cause': 'rejected',
    'socket.failure.elapsed_ms': 3,
    ...more,
  });

test('an idle timeout that another process learned explains an end that was a riddle', () => {
  const riddle = (idleMs: number) => droppedAfter(idleMs, { 'socket.failure.cause': 'unknown' });
  const known: Request[] = [...others(60), { atMs: 50_000, service: 'billing', attributes: stale(1, 5_010) }];
  assert.deepEqual(changes(diagnosed([{ atMs: 1, attributes: riddle(5_002) }, ...known])), { stale_keepalive: 1 });
  assert.deepEqual(changes(diagnosed([{ atMs: 1, attributes: riddle(3_000) }, ...known])), {});
});

test('an idle timeout that connections have outlived explains nothing', () => {
  const dropped = droppedAfter(7_500);
  const known: Request[] = [...others(60), { atMs: 50_000, attributes: stale(1, 5_010) }];
  assert.deepEqual(changes(diagnosed([{ atMs: 1, attributes: dropped }, ...known])), { stale_keepalive: 1 });
  const lived = { ...healthy(5, 20_000), 'socket.idle_ms': 8_000 };
  assert.deepEqual(
    changes(diagnosed([{ atMs: 1, attributes: dropped }, { atMs: 2, attributes: lived }, ...known])),
    {},
  );
});

test('what hindsight takes for stale is avoidable, by an idle timeout below the one that it knows', () => {
  const riddle = droppedAfter(30_000, { 'socket.failure.retry_safe': false });
  const known: Request[] = [...others(60), { atMs: 50_000, service: 'billing', attributes: stale(1, 5_010) }];
  const { avoidable, changes: found } = diagnosed([{ atMs: 1, attributes: riddle }, ...known]);
  assert.equal(avoidable, 2);
  const change = found.find(({ service }) => service === 'checkout');
  assert.ok((change?.setting?.valueMs ?? Number.NaN) < 5_000, change?.text);
});
