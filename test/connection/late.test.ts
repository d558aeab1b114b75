import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { Connection } from '../../src/connection/connection';
import { Exchange } from '../../src/connection/exchange';
import { blindForMs, loopIdleMs, now, pollsAtWrite, pollsSince } from '../../src/observe/process/clock';
import { Origin } from '../../src/peer/origin';
import { isEarly408 } from '../../src/verdict/evidence/early-408';

function block(ms: number): void {
  const end = now() + ms;
  while (now() < end);
}

function idleSince(releasedMs: number, waitedMs: number): Connection {
  const connection = new Connection(1, 0);
  connection.connected(1);
  connection.wrote();
  connection.release(releasedMs, releasedMs, waitedMs);
  return connection;
}

test('the end of an idle time is seen late by as much as this process was busy, since the release or since it looked', () => {
  const connection = idleSince(1_000, 400);
  assert.equal(connection.lateMs(6_000, 5_400, 9_000), 0, 'it waited all the time');
  assert.equal(connection.lateMs(6_000, 2_400, 9_000), 3_000, 'it was busy for three of five seconds');
  assert.equal(connection.lateMs(6_000, 2_400, 20), 20, 'but looked a moment ago');
});

test('a wall clock that is ahead is a suspension or a step: the idle age shown has it, the one to learn from has not', () => {
  const connection = idleSince(1_000, 400);
  assert.equal(connection.wasSuspended(2_000, 302_000), true);
  assert.equal(connection.idleMs(2_000, 302_000), 301_000);
  assert.equal(connection.awakeIdleMs(2_000), 1_000);
  assert.equal(connection.wasSuspended(2_000, 2_900), false);
  assert.equal(connection.idleMs(2_000, 2_900), 1_000);
});

test('the loop looks each time that it waits: busy time before that does not count', async () => {
  block(100);
  assert.ok(blindForMs() >= 100);
  for (let i = 0; i < 3; i += 1) {
    await wait(5);
    loopIdleMs();
  }
  assert.ok(blindForMs() < 80, `${blindForMs()}`);
  block(100);
  assert.ok(blindForMs() >= 100, 'and what is seen now may be that old');
  loopIdleMs();
  await wait(5);
  assert.ok(blindForMs() < 80, `${blindForMs()}: the last look of a turn counts`);
});

test('a loop that polls without waiting polls often, a blocked one does not; it is not asked in vain', async () => {
  const before = pollsAtWrite(5_000, 200);
  block(20);
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(Number(pollsSince(before)) <= 2);
  for (let i = 0; i < 10; i += 1) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(Number(pollsSince(before)) >= 10);
  assert.equal(pollsAtWrite(5_000, 10), undefined);
  assert.equal(pollsAtWrite(20, 200), undefined);
  assert.equal(pollsAtWrite(undefined, 200), undefined);
  assert.equal(pollsSince(undefined), undefined);
});

test("an application's own 408, on a connection that stays open, is an answer", () => {
  const exchange = new Exchange('client', 'POST', 6_000);
  exchange.origin = new Origin('http://api.example:80', 'api.example', 80);
  exchange.acquire(idleSince(1_000, 0), 6_000, 6_000);
  exchange.wrote(6_000, 100, 60);
  assert.equal(isEarly408(exchange, 408, 'close', 6_000, 100), true);
  assert.equal(isEarly408(exchange, 408, 'keep-alive', 6_000, 100), false);
  assert.equal(isEarly408(exchange, 408, undefined, 6_000, 100), false);
  assert.equal(isEarly408(exchange, 408, 'Close', 6_001, 101), false, 'it came after a wait');
  assert.equal(isEarly408(exchange, 408, 'close', 6_050, 100), false, 'this process was busy, and the peer was not');
  assert.equal(isEarly408(exchange, 400, 'close', 6_000, 100), false);
  exchange.blindAtWriteMs = 1;
  assert.equal(isEarly408(exchange, 408, 'close', 6_000, 100), false, 'this process had just looked');
  exchange.blindAtWriteMs = 60;
  exchange.origin.announced(60_000);
  assert.equal(isEarly408(exchange, 408, 'close', 6_000, 100), false, 'the peer keeps idle connections for longer');
  exchange.origin.announced(5_000);
  assert.equal(isEarly408(exchange, 408, 'close', 6_000, 100), true);
  exchange.origin.succeeded(5_000, 5_500);
  assert.equal(isEarly408(exchange, 408, 'close', 6_000, 100), false, 'others lived for longer');
  for (let i = 0; i < 3; i += 1) exchange.origin.connected(i * 1_000, 20);
  exchange.origin.roundTrip.answered(5_000, 21);
  assert.equal(
    isEarly408(exchange, 408, 'close', 6_005, 105),
    false,
    'a connect that was not measured shows no round trip',
  );
  if (exchange.connection !== undefined) exchange.connection.connectMs = 20;
  assert.equal(isEarly408(exchange, 408, 'close', 6_004, 104), true, 'far sooner than a round trip');
});
