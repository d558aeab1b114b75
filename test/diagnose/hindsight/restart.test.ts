import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Diagnosis } from '../../../src/diagnose/findings/diagnosis';
import type { Incident } from '../../../src/diagnose/hindsight/incidents';
import { incidentText } from '../../../src/diagnose/print/incident-text';
import { diagnosed } from '../diagnosed';
import { failed, type Request, stale } from '../spans';
import { burst, changes, others, refused, survivor } from './requests';

test('ends in flight of several services within a moment, and a refused connect, are a restart', () => {
  const diagnosis = diagnosed([...others(60), ...burst(30_500), refused(31_000)]);
  assert.deepEqual(changes(diagnosis), { peer_restart: 5 });
  const [incident] = diagnosis.incidents;
  assert.equal(incident?.connections, 5);
  assert.deepEqual(incident?.services, ['service-0', 'service-1', 'service-2']);
  assert.equal(incident?.refusedAfterMs, 460);
  assert.match(
    incident?.reason ?? '',
    /^5 connections of 3 services to .* ended within 160 ms, and a new connection was refused 460 ms later$/,
  );
  assert.deepEqual(diagnosis.hosts[0]?.causes[0]?.byConfidence, { possible: 5 }, 'the first verdict stays');
});

test('one end in flight before a refused connect is a restart, too', () => {
  const [one] = burst(30_500);
  assert.ok(one);
  const before = others(31);
  assert.deepEqual(changes(diagnosed([...before, one, refused(31_400)])), { peer_restart: 1 });
  assert.deepEqual(changes(diagnosed([...before, one, refused(32_000)])), {}, 'not two seconds later');
});

test('a connect that is refused after others were accepted and answered has nothing to do with an end before these', () => {
  const [one] = burst(30_500);
  assert.ok(one);
  const between = diagnosed([...others(32), one, refused(35_000)]);
  assert.deepEqual(changes(between), {});
  assert.deepEqual(between.incidents, []);
  const many = diagnosed([...others(60).slice(32), ...burst(30_500), refused(35_000)]);
  assert.equal(many.incidents.length, 1);
  assert.equal(many.incidents[0]?.refusedAfterMs, undefined);
});

test('a connection to the same address that lived through it speaks against a restart', () => {
  assert.deepEqual(changes(diagnosed([...survivor(60, '10.0.0.1'), ...burst(30_500, '10.0.0.1')])), {});
  const elsewhere = diagnosed([...survivor(60, '10.0.0.2'), ...burst(30_500, '10.0.0.1')]);
  assert.deepEqual(changes(elsewhere), { peer_restart: 5 }, 'one to another address does not');
});

test('an address that is local to its machine is another place on another machine', () => {
  const on = (pod: string, requests: readonly Request[]) =>
    requests.map((each) => ({ ...each, service: 'shop', instance: pod, resource: { 'host.name': pod } }));
  for (const address of ['127.0.0.1', '::1', 'fe80::1', '169.254.169.254', undefined]) {
    const local = (requests: readonly Request[]) =>
      requests.map((each) => ({ ...each, host: 'localhost', ...(address === undefined ? {} : { address }) }));
    const a = on('a', local([...others(29), ...burst(30_500), refused(31_000)]));
    const { incidents, hosts } = diagnosed([...a, ...on('b', local(survivor(60)))]);
    assert.deepEqual(changes({ hosts } as Diagnosis), { peer_restart: 5 }, address);
    assert.match(incidents[0]?.place ?? '', /:443 on a$/);
    const both = diagnosed([...a, ...on('b', local([...others(29), ...burst(30_500)]))]);
    assert.deepEqual(
      both.incidents.map(({ connections }) => connections),
      [5, 5],
    );
  }
});

test('a restart that a span only suspects is none where a connection lived through it', () => {
  const suspected = burst(30_500, '10.0.0.1').map((each) => ({
    ...each,
    attributes: { ...each.attributes, 'socket.failure.cause': 'peer_restart' },
  }));
  const few = suspected.slice(0, 2);
  assert.deepEqual(changes(diagnosed([...survivor(60, '10.0.0.1'), ...few])), { peer_aborted: 2 });
  assert.deepEqual(changes(diagnosed([...others(60), ...few])), {});
  // One of several workers behind the address may have gone: too many requests of too many ages ended at once for less.
  const diagnosis = diagnosed([...survivor(60, '10.0.0.1'), ...suspected]);
  assert.deepEqual(changes(diagnosis), {});
  assert.deepEqual(
    diagnosis.incidents.map(({ cause, isPossible }) => [cause, isPossible]),
    [['peer_restart', true]],
  );
});

test('an incident is as sure as most of the verdicts that give it its cause', () => {
  const [one, two] = burst(30_500, '10.0.0.1');
  assert.ok(one !== undefined && two !== undefined);
  const sure = { atMs: 30_600, address: '10.0.0.1', attributes: stale(1, 5_000) };
  const { incidents } = diagnosed([...survivor(60, '10.0.0.1'), one, two, sure]);
  assert.deepEqual(
    incidents.map(({ cause, isPossible }) => [cause, isPossible]),
    [[one.attributes?.['socket.failure.cause'], true]],
  );
});

test('what was probably rejected at once shows no restart, although a busy client notices it at many ages', () => {
  const rejected = burst(30_500).map((each) => ({
    ...each,
    attributes: { ...each.attributes, 'socket.failure.cause': 'rejected' },
  }));
  assert.deepEqual(changes(diagnosed([...others(60), ...rejected])), {});
  assert.deepEqual(changes(diagnosed([...others(60), ...rejected, refused(31_000)])), { peer_restart: 5 });
  const near = others(60).map((each) => ({ ...each, attributes: { ...each.attributes, 'socket.connect_ms': 1 } }));
  assert.deepEqual(changes(diagnosed([...near, ...rejected])), { peer_restart: 5 }, 'far later than a round trip');
});

test('answers that fall silent together, and are cut for that at many ages, show no restart', () => {
  const streams = [0, 1, 2].flatMap((i) =>
    burst(10_500 + i * 20_000).map((each) => ({
      ...each,
      attributes: { ...each.attributes, 'socket.failure.phase': 'response', 'socket.failure.sent': 'received' },
    })),
  );
  assert.deepEqual(changes(diagnosed([...others(140), ...streams])), {});
});

test('repeated crashes of a peer do not count towards its usual rate of failures', () => {
  const deaths = [0, 1, 2, 3, 4, 5].flatMap((i) => burst(10_500 + i * 20_000));
  assert.deepEqual(changes(diagnosed([...others(140), ...deaths])), { peer_restart: 30 });
});

test('what a busy process noticed in one look did not end at once', () => {
  const late = burst(30_500).map((each) => ({
    ...each,
    attributes: {
      ...each.attributes,
      'socket.failure.explanation':
        'It ended 1.5 s into the request (noticed by a busy process, up to 1.4 s late). X. Y.',
    },
  }));
  const { incidents, hosts } = diagnosed([...others(60), ...late]);
  assert.deepEqual(changes({ hosts } as Diagnosis), {});
  assert.equal(incidents[0]?.isSeenLate, true);
});

test('each crash of a peer that comes back is one, and not only the first', () => {
  const crashes = [10_500, 14_500, 18_500].flatMap((atMs) => [...burst(atMs).slice(0, 1), refused(atMs + 400)]);
  assert.deepEqual(changes(diagnosed([...others(60), ...crashes])), { peer_restart: 3 });
  const throughout = diagnosed([...survivor(60, '10.0.0.1'), ...others(60), ...crashes]);
  assert.deepEqual(changes(throughout), { peer_restart: 3 }, 'another address is no witness');
});

test('connections that a restart closed while they were idle belong to its incident', () => {
  const [one] = burst(30_500);
  assert.ok(one);
  const idle = [1, 2, 3].map((i) => ({ atMs: 30_500 + i * 10, attributes: stale(i, 1_000 * i) }));
  const { incidents } = diagnosed([...others(60), one, ...idle, refused(31_000)]);
  assert.equal(incidents[0]?.cause, 'peer_restart');
  assert.match(incidents[0]?.reason ?? '', /a new connection was refused/);
});

test('without healthy requests in the source, no connection can show that it lived through it', () => {
  assert.deepEqual(changes(diagnosed(burst(30_500))), {});
  assert.equal(diagnosed(burst(30_500)).incidents.length, 1);
});

test('where connections end all the time, three in one moment are chance', () => {
  const often = Array.from({ length: 600 }, (_, i) => ({
    atMs: i * 700,
    attributes: failed(i, { 'socket.failure.elapsed_ms': 100 + ((i * 7_919) % 5_000) }),
  }));
  const three = burst(100_230).slice(0, 3);
  assert.deepEqual(changes(diagnosed([...others(700), ...others(700), ...often, ...three])), {});
});

test('a verdict that is likely or certain is never touched', () => {
  const sure = burst(30_500).map((each) => ({
    ...each,
    attributes: { ...each.attributes, 'socket.failure.confidence': 'likely', 'socket.failure.cause': 'rejected' },
  }));
  assert.deepEqual(changes(diagnosed([...others(60), ...sure, refused(31_000)])), {});
});

test('connects that are refused while no connection is known are one incident, however long it lasts', () => {
  const down = (fromMs: number, count: number) => Array.from({ length: count }, (_, i) => refused(fromMs + i * 2_000));
  const { incidents } = diagnosed([...others(30), ...down(31_500, 50)]);
  assert.deepEqual(
    incidents.map(({ lost, connections, lastedMs, cause }) => [lost, connections, lastedMs, cause]),
    [[50, 0, 98_000, 'not_listening']],
  );
  assert.match(incidentText(incidents[0] as Incident), /: 50 requests of .+ failed within 98 s: not_listening$/);
  const twice = diagnosed([...down(0, 3), ...others(60).slice(30), ...down(70_000, 3)]);
  assert.equal(twice.incidents.length, 2, 'it was up in between');
  assert.deepEqual(diagnosed([...survivor(200), ...down(31_500, 50)]).incidents, [], 'one of several is down');
});
