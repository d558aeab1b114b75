import assert from 'node:assert/strict';
import { test } from 'node:test';
import v8 from 'node:v8';
import vm from 'node:vm';
import { Origins } from '../../src/peer/origins';

test('origins are told apart by scheme, host and port', () => {
  const origins = new Origins();
  const a = origins.of('http:', 'a', 80);
  assert.equal(origins.of('http:', 'a', 80), a);
  assert.notEqual(origins.of('https:', 'a', 80), a);
  assert.notEqual(origins.of('http:', 'a', 81), a);
  assert.notEqual(origins.of('http:', 'a', undefined), a);
  assert.equal(origins.size, 4);
});

test('the 1000 origins used most recently are remembered', () => {
  const origins = new Origins();
  const first = origins.of('http:', 'host0', 80);
  const second = origins.of('http:', 'host1', 80);
  for (let i = 2; i < 1_000; i++) origins.of('http:', `host${i}`, 80);
  origins.touch(first);
  origins.of('http:', 'one more', 80);
  assert.equal(origins.size, 1_000);
  assert.equal(origins.of('http:', 'host0', 80), first);
  assert.notEqual(origins.of('http:', 'host1', 80), second, 'the least recently used one was forgotten');
});

test('an origin that was forgotten and is still in use comes back', () => {
  const origins = new Origins(1);
  const first = origins.of('http:', 'a', 80);
  origins.of('http:', 'b', 80);
  origins.touch(first);
  assert.equal(origins.of('http:', 'a', 80), first);
  assert.equal(origins.size, 1);
});

test('a thousand origins with a full history take less than 6 MB', () => {
  v8.setFlagsFromString('--expose-gc');
  const collect: () => void = vm.runInNewContext('gc');
  collect();
  const before = process.memoryUsage().heapUsed;
  const origins = new Origins();
  for (let i = 0; i < 1_000; i += 1) {
    const origin = origins.of('http:', `host-${i}.example`, 80);
    origin.announced(60_000 + i);
    for (let at = 0; at < 40; at += 1) {
      origin.connected(at, at + i / 7);
      origin.succeeded(at * 10_000, 9_000 - at * 50.5, 3.3);
      origin.closedIdle({ lateMs: 0, atMs: at * 10_000, idleMs: 9_500.5 + at, ageMs: 60_000.5 + at, uses: at + 1 });
      origin.closedInFlight(
        { atMs: at * 10_000, elapsedMs: 700.5 + at, silentMs: at, connectionId: at, connectionMs: 5_000 },
        true,
      );
    }
  }
  collect();
  const used = process.memoryUsage().heapUsed - before;
  assert.ok(used < 6e6, `${used} bytes`);
  assert.equal(origins.size, 1_000);
});
