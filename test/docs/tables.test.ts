import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import * as conventions from '../../src/conventions';
import { readEnvironment } from '../../src/environment';
import { idleBucket } from '../../src/idle-bucket';
import { connectionAttributes } from '../../src/report/attributes';
import type { ReadableSpan } from '../../src/report/span';
import * as semconv from '../../src/semconv';
import {
  FAILURE_CAUSES,
  FAILURE_CONFIDENCES,
  FAILURE_KINDS,
  FAILURE_PHASES,
  RETRY_POINTLESS,
} from '../../src/verdict/failure';
import { root } from '../support/root';
import { names, table, textOf } from './pages';

test('the attribute table has every attribute, and marks those of a healthy span', () => {
  const constants = Object.entries(semconv).filter(([key]) => key.startsWith('ATTR_SOCKET_'));
  const onSpans = constants.map(([, name]) => name).filter((name) => !/outcome|close\.initiator/.test(name));
  assert.deepEqual(names('docs/attributes.md', 'Attributes', 'attribute').sort(), onSpans.sort());
  const every = {
    id: 1,
    reuseCount: 1,
    reused: true,
    idleMs: 1,
    ageMs: 1,
    queueMs: 1,
    dnsMs: 1,
    connectMs: 1,
    tlsMs: 1,
  };
  const all = {
    ...every,
    clientTimeoutMs: 1,
    peerTimeoutMs: 9,
    peerTimeoutSource: 'announced' as const,
    serverTimeoutMs: 1,
  };
  const essential = Object.keys(connectionAttributes(all, false, {} as ReadableSpan));
  const marked = table('docs/attributes.md', 'Attributes', 'attribute').filter(([cell]) => cell?.endsWith('•'));
  assert.deepEqual(marked.map(([cell]) => cell?.split('`')[1]).sort(), essential.sort());
});

test('the metric table has every metric', () => {
  const constants = Object.entries({ ...semconv, ...conventions }).filter(([key]) => key.startsWith('METRIC_'));
  assert.deepEqual(names('docs/metrics.md', 'Metrics', 'metric').sort(), constants.map(([, name]) => name).sort());
});

test('the failure tables have every kind, phase and cause', () => {
  for (const [heading, column, members] of [
    ['Kind', 'kind', FAILURE_KINDS],
    ['Phase', 'phase', FAILURE_PHASES],
    ['Cause', 'cause', FAILURE_CAUSES],
    ['What to do', 'cause', FAILURE_CAUSES],
    ['Confidence', 'confidence', FAILURE_CONFIDENCES],
  ] as const) {
    assert.deepEqual(names('docs/attributes.md', heading, column).sort(), [...members].sort(), heading);
  }
});

test('the causes for which a retry is pointless, and the idle buckets, are those of the code', () => {
  const page = textOf('docs/attributes.md').replace(/\s+/g, ' ');
  const pointless = RETRY_POINTLESS.map((cause) => `\`${cause}\``).join(', ');
  assert.ok(page.includes(`meets the same end: ${pointless}.`), pointless);
  const ages = [0, 1_000, 4_000, 6_000, 15_000, 60_000, 120_000, 350_000];
  const buckets = ages.map((ms) => `\`${idleBucket(ms)}\``).join(', ');
  assert.ok(page.includes(`${buckets}: Jaeger`), buckets);
});

test('the option table has every option and its environment variable', () => {
  const rows = table('docs/options.md', 'Options', 'option').map((row) => row.map((cell) => cell.replaceAll('`', '')));
  const types = fs.readFileSync(path.join(root, 'src/types.ts'), 'utf8');
  const declared = [...types.matchAll(/^ {2}(\w+)\?:/gm)].map((match) => match[1]);
  assert.deepEqual(rows.map(([name]) => name).sort(), ['enabled', ...declared].sort());
  const asked: string[] = [];
  readEnvironment(new Proxy<NodeJS.ProcessEnv>({}, { get: (_, name) => void asked.push(String(name)) }));
  const ours = asked.filter((name) => name.startsWith('OTEL_INSTRUMENTATION_SOCKET_'));
  assert.deepEqual(rows.map((row) => row[2]).filter(Boolean), ours);
  for (const name of asked) assert.ok(textOf('docs/options.md').includes(name), name);
});
