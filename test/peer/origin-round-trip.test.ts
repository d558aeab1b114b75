import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Origin } from '../../src/peer/origin';

const origin = () => new Origin('http://a:80', 'a', 80);

test('the round trip is the fastest connect of three separate moments', () => {
  const known = origin();
  assert.equal(known.connectMs, 0);
  known.connected(0, 40);
  known.connected(1_000, 38);
  known.connected(1_050, 39);
  assert.deepEqual([known.rttMs, known.connectMs], [undefined, 38]);
  known.connected(2_000, 250);
  assert.equal(known.rttMs, 38);
});

test('a burst of slow connects is one moment, however many there were: all of it may have waited for the same', () => {
  const known = origin();
  for (let i = 0; i < 50; i += 1) known.connected(i * 20, 400 - i);
  assert.equal(known.rttMs, undefined);
});

test('connects that lost a SYN, which takes a second more, are no round trip', () => {
  const known = origin();
  for (let i = 0; i < 3; i += 1) known.connected(i * 2_000, 1_040);
  assert.equal(known.rttMs, undefined);
  known.connected(8_000, 41);
  assert.equal(known.rttMs, 41);
});

test('an answer that came sooner than the fastest connect is nearer to the round trip', () => {
  const known = origin();
  for (let i = 0; i < 3; i += 1) known.connected(i * 2_000, 180);
  known.succeeded(6_500, undefined, 61);
  assert.equal(known.rttMs, 61);
});
