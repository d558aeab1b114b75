import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Scene } from '../scene';
import { adviceFor, DEADLINE, pool } from './deadline';

test('a deadline that may have passed in a pool of undici is not given a length', () => {
  const byPool = pool({ setting: 'connections' });
  const scene: Scene = { how: 'request', error: DEADLINE, elapsedMs: 17, idleMs: 0 };
  const { why, fix } = adviceFor(scene, byPool);
  assert.match(why, /ended the request 17 ms after it took a connection, before a byte of the response came$/);
  assert.match(fix.text, /, or what holds its connections if the pool limits them, or allow more time$/);
  assert.match(adviceFor({ ...scene, idleMs: 700 }, byPool).fix.text, /, or allow more than 50 ms$/);
  assert.match(adviceFor(scene).fix.text, /, or allow more than 50 ms$/);
});

test('the time before a request had a connection counts, and is named if it is most of it', () => {
  const { why, fix } = adviceFor({ how: 'request', error: DEADLINE, elapsedMs: 5 }, (e) => {
    Object.assign(e.exchange, { createdMs: e.exchange.createdMs - 709 });
  });
  assert.match(why, /after 714 ms, before a byte of the response came, 709 ms of it before it had a connection$/);
  assert.match(fix.text, /^Find what kept the request from a connection, .* or allow more than 750 ms$/);
});

test('what a connection took to be made before the request is no time of the request', () => {
  const { why, fix } = adviceFor({ how: 'request', error: DEADLINE, elapsedMs: 300, idleMs: 'fresh' }, (e) => {
    const { connection } = e.exchange;
    assert.ok(connection !== undefined);
    Object.assign(connection, { createdMs: connection.createdMs - 2_500, dnsMs: 700, busyMs: 600 });
  });
  assert.match(why, /ended the request after 300 ms, before a byte of the response came$/);
  assert.match(fix.text, /^Find what is slow at .*, or allow more than 300 ms$/);
});

test('a process that may have looked between its work and the deadline is not the only one to blame', () => {
  const { fix } = adviceFor({ how: 'request', error: DEADLINE, elapsedMs: 1_000, waitedMs: 400 });
  assert.match(fix.text, /^Find what blocks the event loop of this process, or what is slow at api\.example:8443: /);
});
