import assert from 'node:assert/strict';
import { test } from 'node:test';
import { page } from '../../src/diagnose/page/page';
import { printed } from '../../src/diagnose/print/print';
import { rateText, share } from '../../src/diagnose/print/words';
import { diagnosed } from './diagnosed';
import { failed, type Request, stale } from './spans';

const perHost = (hosts: number): Request[] =>
  Array.from({ length: hosts }, (_, i) => ({ host: `h${i}`, atMs: i * 1_000, attributes: stale(i, 5_100) }));

test('each list that is cut says so, and nothing else about what it leaves out', () => {
  const diagnosis = diagnosed(perHost(55));
  const text = printed(diagnosis, 100, false);
  assert.equal(text.match(/^ {3}… and 25 more; --json has them\.$/gm)?.length, 3);
  assert.match(text, /^ {6}… and 35 more; --json has them\.$/m);
  assert.equal(page(diagnosis).match(/… and 5 more; --json has them\./g)?.length, 4);
});

test('hosts that are counted together are said to be', () => {
  const isSaid = (hosts: number) =>
    diagnosed(perHost(hosts)).limits.some((limit) => /no room are counted together, as _OTHER$/.test(limit));
  assert.equal(isSaid(1_001), true);
  assert.equal(isSaid(1_000), false);
});

test('a share is 0 or all only if it is none or all', () => {
  assert.deepEqual(
    [0, 1, 3, 399, 400].map((part) => share(part, 400)),
    ['0 %', '0.3 %', '0.8 %', '99.7 %', '100 %'],
  );
  assert.equal(share(1, 1_000_000), '<0.01 %');
  assert.equal(share(999_999, 1_000_000), '99.9 %');
  assert.deepEqual([0, 0.001, 5.04, 250.4, 999.99, 1_000].map(rateText), ['0', '<0.1', '5', '250', '999.9', '1,000']);
});

test('failures on which nothing can be advised are not said to be none', () => {
  const text = printed(diagnosed([{ atMs: 1_000, attributes: { 'socket.failure.kind': 'closed' } }]), 100, false);
  assert.match(text, /5\. What to change\n {3}Nothing can be advised: the spans of the failures lack their verdicts\./);
  const risky = { atMs: 1_000, attributes: { 'socket.failure.kind': 'closed', 'socket.failure.retry_safe': false } };
  assert.match(printed(diagnosed([risky]), 100, false), /1 failed request is not safe to repeat/);
  assert.doesNotMatch(printed(diagnosed([{ atMs: 1_000, attributes: failed(1) }]), 100, false), /Nothing/);
});

test('long names are cut, but never to the same text', () => {
  const hosts = (...names: string[]) =>
    printed(diagnosed(names.map((host, i) => ({ host, atMs: i * 1_000, attributes: stale(i, 5_100) }))), 100, false);
  const name = (region: string) => `inventory-service.production-${region}.svc.cluster.local`;
  assert.match(hosts(name('eu-west-1'), 'short'), /^ {3}inventory-\S+…\S+local:443 /m);
  const both = hosts(name('eu-west-1'), name('eu-west-2'));
  for (const region of ['eu-west-1', 'eu-west-2']) assert.ok(both.includes(`   ${name(region)}:443 `), both);
});
