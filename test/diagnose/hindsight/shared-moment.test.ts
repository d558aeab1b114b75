import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diagnosed } from '../diagnosed';
import type { Request } from '../spans';
import { burst, changes, others, refused } from './requests';

/** Hosts at addresses of their own, each with ends in flight and a refused connect, `apartMs` after one another. */
function hosts(names: readonly string[], apartMs: number, more: Partial<Request> = {}): Request[] {
  return names.flatMap((host, i) => {
    const at = { host, address: `10.0.0.${host.charCodeAt(0)}` };
    const atMs = 30_500 + i * apartMs;
    const ends = burst(atMs, at.address).map((each, j) => ({ ...each, instance: `${each.service}-${i}-${j}` }));
    return [...others(29), ...ends, refused(atMs + 500)].map((each) => ({ ...each, ...at, ...more }));
  });
}

test('hosts that seem to restart in one moment share what ended, and are one incident', () => {
  const diagnosis = diagnosed(hosts(['a', 'b', 'c', 'd'], 5));
  assert.deepEqual(changes(diagnosis), {});
  const ends = diagnosis.incidents.filter(({ connections }) => connections > 0);
  assert.deepEqual(
    ends.map(({ place, hosts: count, connections, cause }) => [place, count, connections, cause]),
    [['a:443, b:443, c:443 and 1 more', 4, 20, 'peer_aborted']],
  );
  assert.match(String(ends[0]?.reason), /^20 connections to 4 hosts ended within 175 ms: look for what they share/);
});

test('what spans call a restart is none either then', () => {
  const suspected = hosts(['a', 'b', 'c'], 5).map((each) => {
    const isEnd = each.attributes?.['socket.failure.cause'] === 'peer_aborted';
    return isEnd ? { ...each, attributes: { ...each.attributes, 'socket.failure.cause': 'peer_restart' } } : each;
  });
  assert.deepEqual(changes(diagnosed(suspected)), { peer_aborted: 5 });
});

test('two hosts, hosts one after the other, and hosts that no service has in common may each restart', () => {
  assert.deepEqual(changes(diagnosed(hosts(['a', 'b'], 5))), { peer_restart: 5 });
  assert.deepEqual(changes(diagnosed(hosts(['a', 'b', 'c'], 400))), { peer_restart: 5 });
  const apart = ['a', 'b', 'c'].flatMap((host) => hosts([host], 5, { service: `caller-of-${host}` }));
  assert.deepEqual(changes(diagnosed(apart)), { peer_restart: 5 });
});
