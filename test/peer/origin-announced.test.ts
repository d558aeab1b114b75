import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Connection } from '../../src/connection/connection';
import { Exchange } from '../../src/connection/exchange';
import { Origin } from '../../src/peer/origin';

const HOUR = 3_600_000;
const origin = () => new Origin('http://a:80', 'a', 80);

test('of peers behind one name that announce idle timeouts of their own, the one on the other end counts', () => {
  const known = origin();
  known.announced(5_000);
  known.announced(60_000);
  assert.equal(known.peerTimeout(5_000)?.ms, 5_000);
  assert.equal(known.peerTimeout(60_000)?.ms, 60_000);
  assert.equal(known.peerTimeout()?.ms, 60_000, 'for a connection on which none was announced: the last');
  known.succeeded(0, 40_000, 1, 60_000);
  assert.equal(known.peerTimeout(5_000)?.ms, 5_000, 'what a connection to the other peer survives does not void it');
  known.succeeded(0, 40_000, 1, 5_000);
  assert.equal(known.peerTimeout(5_000), undefined);
  assert.equal(known.peerTimeout(60_000)?.ms, 60_000);
});

test('of two machines behind one name, the idle timeout that one announces is not that of the other, which announces none', () => {
  const known = origin();
  const talk = (id: number) => {
    const connection = new Connection(id, 0);
    connection.origin = known;
    connection.connected(0);
    return (announcedMs: number | undefined, nowMs: number) => {
      const exchange = new Exchange('client', 'GET', nowMs);
      exchange.acquire(connection, nowMs, nowMs);
      exchange.wrote(nowMs, 0);
      const before = exchange.peerTimeout?.ms;
      exchange.learn(announcedMs, nowMs + 1, 0);
      connection.release(nowMs + 1, nowMs + 1);
      return before;
    };
  };
  const [announcing, silent] = [talk(1), talk(2)];
  silent(undefined, 0);
  assert.equal(announcing(5_000, 10), undefined);
  assert.equal(silent(undefined, 20), undefined);
  assert.equal(announcing(undefined, 3_000), 5_000);
  silent(undefined, 50_000);
  assert.equal(known.announcedMs(), 5_000, 'what the other survives does not void it');
});

test('a proxy that announces less than it does: its closings count once they show it', () => {
  const known = origin();
  known.announced(5_000);
  for (const hours of [1, 2])
    known.closedIdle({ atMs: hours * HOUR, idleMs: 60_000, lateMs: 0, uses: 2, ageMs: undefined });
  assert.deepEqual(known.peerTimeout(), {
    ms: 60_000,
    source: 'observed',
    advisedMs: 55_000,
    closures: 2,
    spreadMs: 0,
  });
});

test('a closing that was seen much too late does not void what was announced', () => {
  const known = origin();
  known.announced(5_000);
  known.closedIdle({ atMs: HOUR, idleMs: 600_000, lateMs: 595_000, uses: 2, ageMs: undefined });
  assert.equal(known.peerTimeout()?.ms, 5_000);
});

test('a proxy that announces more than it does: the shorter idle timeout that it shows counts', () => {
  const known = origin();
  known.announced(60_000);
  for (const hours of [1, 2])
    known.closedIdle({ atMs: hours * HOUR, idleMs: 5_000 + hours, lateMs: 0, uses: 2, ageMs: undefined });
  assert.equal(known.peerTimeout()?.ms, 5_001);
});

test('how long connections survive is known for an hour: idle timeouts change', () => {
  const known = origin();
  known.succeeded(0, 50_000);
  known.succeeded(2 * HOUR, 3_000);
  assert.deepEqual([known.okIdleMs(HOUR), known.okIdleMs(2 * HOUR)], [50_000, 3_000]);
});
