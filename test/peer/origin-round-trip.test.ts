import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Origin } from '../../src/peer/origin';

const origin = () => new Origin('http://a:80', 'a', 80);

/** Its answers take no longer than a round trip, and its connects neither. */
const answering = (ms: number) => {
  const known = origin();
  known.roundTrip.answered(0, ms);
  return known;
};

test('the round trip is the fastest connect of three separate moments', () => {
  const known = answering(41);
  assert.equal(origin().fastestMs, 0);
  known.connected(0, 40);
  known.connected(1_000, 38);
  known.connected(1_050, 39);
  assert.deepEqual([known.rttMs, known.fastestMs], [undefined, 38]);
  known.connected(2_000, 250);
  assert.equal(known.rttMs, 38);
});

test('a burst of slow connects is one moment, however many there were: all of it may have waited for the same', () => {
  const known = answering(400);
  for (let i = 0; i < 50; i += 1) known.connected(i * 20, 400 - i);
  assert.equal(known.rttMs, undefined);
});

test('connects that lost a SYN, which takes a second more, are no round trip', () => {
  const known = answering(45);
  for (let i = 0; i < 3; i += 1) known.connected(i * 2_000, 1_040);
  assert.equal(known.rttMs, undefined);
  known.connected(8_000, 41);
  assert.equal(known.rttMs, 41);
});

test('an answer that came sooner than the fastest connect is nearer to the round trip', () => {
  const known = origin();
  for (let i = 0; i < 3; i += 1) known.connected(i * 2_000, 64);
  known.succeeded(6_500, undefined, 61);
  assert.equal(known.rttMs, 61);
});

test('a round trip is sure only if connects and answers take about the same: either may take longer than that', () => {
  for (const [what, answerMs] of [
    ['a firewall holds connects, and the server works on each request', 150],
    ['a firewall holds connects', 2],
    ['nothing was answered', undefined],
  ] as const) {
    const known = origin();
    for (let i = 0; i < 3; i += 1) known.connected(i * 2_000, 80);
    if (answerMs !== undefined) known.roundTrip.answered(6_500, answerMs);
    assert.equal(known.rttMs, undefined, what);
    assert.equal(known.fastestMs, Math.min(80, answerMs ?? 80));
  }
});
