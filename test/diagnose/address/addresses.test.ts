import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { Diagnosis } from '../../../src/diagnose/findings/diagnosis';
import { root } from '../../support/root';
import { demoRun, diagnose, found } from '../run';
import { line, stale } from '../spans';
import { type Answer, program } from './program';

const fixture = (name: string): object =>
  JSON.parse(fs.readFileSync(path.join(root, 'test/diagnose/fixtures', name), 'utf8')) as object;

/** Since before the run that was recorded. */
const SINCE = ['--since', `${Math.ceil((Date.now() - Date.UTC(2026, 10, 30)) / 3_600_000) + 48}h`];
/** What depends on the source and not on the spans. */
const SAME = { sources: [], limits: [], spans: 0, leftOut: {} };

/** Recorded traces, for the windows that hold them. */
function inWindow(url: URL, traces: object): object | undefined {
  const start = url.searchParams.get('query.startTimeMin') ?? Number(url.searchParams.get('start')) / 1_000;
  const end = url.searchParams.get('query.startTimeMax') ?? Number(url.searchParams.get('end')) / 1_000;
  const recorded = Date.parse('2026-11-30T10:28:30Z');
  return new Date(start).getTime() <= recorded && recorded < new Date(end).getTime() ? traces : undefined;
}

const jaeger: Answer = (url) => {
  if (url.pathname === '/api/services') return { data: ['shop-with', 'idle-service'] };
  if (url.pathname !== '/api/traces') return url.pathname.startsWith('/api/v') ? undefined : '<!DOCTYPE html>';
  const isShop = url.searchParams.get('service') === 'shop-with';
  return (isShop ? inWindow(url, fixture('jaeger-1.62-traces.jsonl')) : undefined) ?? { data: [] };
};

const jaegerV3: Answer = (url) => {
  if (url.pathname === '/api/v3/services') return { services: ['shop-with'] };
  return url.pathname === '/api/v3/traces' ? inWindow(url, fixture('jaeger-1.62-v3-traces.jsonl')) : undefined;
};

for (const [name, answer] of [
  ['the first API of Jaeger', jaeger],
  ['the second API of Jaeger', jaegerV3],
] as const)
  test(`${name} gives what the file of the same run gives`, async () => {
    const { address } = await program(answer);
    const fromJaeger = await found([address, ...SINCE]);
    assert.equal(fromJaeger.sources[0]?.kind, 'jaeger');
    const fromFile = await found([demoRun, '--service', 'shop-with']);
    assert.equal(fromFile.failures, 9);
    assert.deepEqual({ ...fromJaeger, ...SAME }, { ...fromFile, ...SAME });
  });

test('a Jaeger that fails in between is listed with what it had answered', async () => {
  const { address } = await program((url) => {
    if (url.pathname === '/api/services') return { data: ['shop-with', 'shop-without'] };
    return url.searchParams.get('service') === 'shop-without' ? '{"data":[' : jaeger(url);
  });
  const { code, stdout, stderr } = await diagnose([`jaeger:${address}`, ...SINCE, '--json']);
  assert.equal(code, 2);
  assert.match(stderr, /^diagnose: http:.*\/api\/traces: /);
  const { sources, failures } = JSON.parse(stdout) as Diagnosis;
  assert.equal(failures, 9);
  assert.equal(`diagnose: ${sources[0]?.stopped}\n`, stderr);
});

test('a service that Jaeger does not have is said to be what was asked for', async () => {
  const { address } = await program(jaeger);
  const { code, stdout } = await diagnose([address, '--service', 'shop-wiht', ...SINCE]);
  assert.equal(code, 2);
  assert.match(stdout, /^Nothing to judge: --service left out other services, and no request/);
});

test('a Jaeger that lists its services on the first API and has its traces on the second is read there', async () => {
  const { address } = await program((url) => (url.pathname === '/api/services' ? jaeger(url) : jaegerV3(url)));
  assert.equal((await found([`jaeger:${address}`, ...SINCE])).failures, 9);
});

test('a search that has reached its limit is divided until nothing is left out, and no span counts twice', async () => {
  const startUs = (Date.now() - 1_800_000) * 1_000;
  const traces = Array.from({ length: 2_500 }, (_, i) => ({
    processes: { p1: { serviceName: 'a' } },
    spans: [
      {
        processID: 'p1',
        startTime: startUs + i * 100_000,
        duration: 1_000,
        tags: [
          { key: 'span.kind', value: 'client' },
          { key: 'http.request.method', value: 'GET' },
          { key: 'server.address', value: 'b' },
          { key: 'socket.id', value: i },
        ],
      },
    ],
  }));
  const { address, asked } = await program((url) => {
    if (url.pathname === '/api/services') return { data: ['a'] };
    const [start, end] = [Number(url.searchParams.get('start')), Number(url.searchParams.get('end'))];
    const inside = traces.filter(({ spans: [span] }) => span && span.startTime >= start && span.startTime <= end);
    return url.pathname === '/api/traces' ? { data: inside.slice(0, 1_000) } : undefined;
  });
  assert.equal((await found([`jaeger:${address}`])).requests, 2_500);
  assert.ok(asked.length < 40, `${asked.length} requests`);
});

test('Tempo is searched for failures first, and each trace is read once', async () => {
  const ids: Record<string, string> = {
    a1: line({ atMs: 0, attributes: stale(1, 5_100) }),
    b2: line({ atMs: 5, attributes: stale(2, 5_200) }),
  };
  for (const form of ['trace', 'batches'] as const) {
    const { address, asked } = await program((url) => {
      if (url.pathname === '/api/echo') return 'echo';
      if (url.pathname === '/api/search') {
        const isForFailures = url.searchParams.get('q')?.includes('failure') === true;
        const found1 = isForFailures ? ['a1'] : ['a1', 'b2'];
        return { traces: found1.map((traceID) => ({ traceID, rootServiceName: 'x' })), metrics: {} };
      }
      const [, version, id = ''] = /^\/api\/(v2\/)?traces\/(\w+)$/.exec(url.pathname) ?? [];
      const { resourceSpans } = JSON.parse(ids[id] ?? '{}') as { resourceSpans?: object };
      if (form === 'trace') return version === undefined ? undefined : { trace: { resourceSpans }, status: 'COMPLETE' };
      return version === undefined ? { batches: resourceSpans } : undefined;
    });
    const { failures, sources } = await found([address]);
    assert.equal(failures, 2, form);
    assert.equal(sources[0]?.kind, 'tempo');
    const read = asked.map(({ pathname }) => pathname).filter((pathname) => /traces\/\w+$/.test(pathname));
    assert.deepEqual(new Set(read).size, read.length);
    assert.deepEqual(
      asked.filter(({ pathname }) => pathname === '/api/search').map(({ searchParams }) => searchParams.get('q')),
      ['{ kind = client && span.socket.failure.kind != nil }', '{ kind = client && span.socket.id != nil }'],
    );
  }
});

test('an address where nothing answers, or nothing known, is reported as such', async () => {
  const { address } = await program(() => '<!DOCTYPE html>');
  const nobody = await diagnose([address]);
  assert.equal(nobody.code, 2);
  assert.match(nobody.stderr, /answers neither like Jaeger nor like Tempo or Prometheus/);
  const gone = await diagnose(['http://127.0.0.1:1', 'http://user:secret@127.0.0.1:1']);
  assert.equal(gone.code, 2);
  assert.match(gone.stderr, /^diagnose: http:\/\/127\.0\.0\.1:1: (ECONNREFUSED|bad port)\n/);
  assert.doesNotMatch(gone.stderr, /secret/);
});
