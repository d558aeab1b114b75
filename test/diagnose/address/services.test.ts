import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Diagnosis } from '../../../src/diagnose/findings/diagnosis';
import { diagnose, found } from '../run';
import { lines, START_MS, stale } from '../spans';
import { program } from './program';

/** A failed request of `checkout` in each of two namespaces, and of a service of that name without one. */
const SPANS = [
  { resource: { 'service.namespace': 'shop' }, atMs: 0, attributes: stale(50_001, 5_100) },
  { resource: { 'service.namespace': 'bank' }, atMs: 1_000, attributes: stale(50_002, 5_100) },
  { atMs: 2_000, attributes: stale(50_003, 5_100) },
];

const servicesOf = ({ timeouts }: Diagnosis) => timeouts.map(({ service }) => service).sort();

test('services of one name in different namespaces are different services', async () => {
  const diagnosis = await found(['-'], lines(SPANS));
  assert.deepEqual(servicesOf(diagnosis), ['bank/checkout', 'checkout', 'shop/checkout']);
});

test('--service takes a name with its namespace or without', async () => {
  const one = await found(['-', '--service', 'shop/checkout'], lines(SPANS));
  assert.deepEqual(servicesOf(one), ['shop/checkout']);
  assert.equal(one.leftOut.service, 2);
  const all = await found(['-', '--service', 'checkout'], lines(SPANS));
  assert.deepEqual(servicesOf(all), ['bank/checkout', 'checkout', 'shop/checkout']);
  const none = await diagnose(['-', '--service', 'out'], lines(SPANS));
  assert.equal(none.code, 2);
});

test('Jaeger is searched by the name of a service, and its namespace selects from what is found', async () => {
  const { address } = await program((url) => {
    if (url.pathname === '/api/services') return { data: ['checkout', 'other'] };
    if (url.pathname !== '/api/traces' || url.searchParams.get('service') !== 'checkout') return undefined;
    const [from, to] = [Number(url.searchParams.get('start')), Number(url.searchParams.get('end'))];
    const isWithin = from <= START_MS * 1_000 && START_MS * 1_000 < to;
    return { data: isWithin ? [trace('shop'), trace('bank')] : [] };
  });
  const since = `${Math.ceil((Date.now() - START_MS) / 3_600_000) + 1}h`;
  const diagnosis = await found([`jaeger:${address}`, '--since', since, '--service', 'shop/checkout']);
  assert.equal(diagnosis.sources[0]?.stopped, undefined);
  assert.deepEqual(servicesOf(diagnosis), ['shop/checkout']);
  assert.equal(diagnosis.failures, 1);
});

/** A failed request of `checkout` in this namespace, as Jaeger answers with it. */
function trace(namespace: string): object {
  const tags = Object.entries({
    'span.kind': 'client',
    'http.request.method': 'GET',
    'server.address': 'payments',
    ...stale(50_001, 5_100),
  }).map(([key, value]) => ({ key, value }));
  return {
    processes: { p1: { serviceName: 'checkout', tags: [{ key: 'service.namespace', value: namespace }] } },
    spans: [{ processID: 'p1', startTime: START_MS * 1_000, duration: 10_000, tags }],
  };
}
