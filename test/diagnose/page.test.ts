import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { page } from '../../src/diagnose/page/page';
import { diagnosed } from './diagnosed';
import { demoRun, diagnose, temporary } from './run';
import { failed, type Request, stale } from './spans';

test('the page says what the command prints, and loads nothing', async () => {
  const file = temporary('page.html');
  await diagnose([demoRun, '--html', file]);
  const text = fs.readFileSync(file, 'utf8');
  for (const part of [
    '9 failed (563 per 1,000), 5 of them avoidable',
    'new http.Agent({ keepAlive: true, timeout: 1000 })',
    'peer_restart (possible)',
    'socketFailureOf(error)',
    'peer 2 s',
    'client none',
    'Content-Security-Policy',
    'prefers-color-scheme: dark',
    'width=device-width',
  ])
    assert.ok(text.includes(part), part);
  assert.doesNotMatch(text, /<script|<link|<img|\bsrc=|\bhref=|url\(|@import/);
});

test('whatever was found, the page stays below 300 kB', () => {
  const requests: Request[] = Array.from({ length: 30_000 }, (_, i) => ({
    service: `a-service-with-a-long-name-${i % 300}`,
    host: `host-${i % 700}.some.long.domain.internal`,
    atMs: i * 250 + (i % 7),
    attributes: i % 2 ? stale(i, (i * 37) % 400_000) : failed(i, { 'socket.failure.elapsed_ms': (i * 13) % 9_000 }),
  }));
  const incidents = Array.from({ length: 3_000 }, (_, i) => ({
    host: `host-${Math.floor(i / 3) % 200}`,
    atMs: Math.floor(i / 3) * 7_000,
    attributes: failed(i),
  }));
  const diagnosis = diagnosed([...requests, ...incidents]);
  assert.ok(diagnosis.incidents.length > 100);
  const size = Buffer.byteLength(page(diagnosis));
  assert.ok(size < 300_000, `${size} bytes`);
});

test('a report without findings is still valid HTML', () => {
  const nothing = page(diagnosed([]));
  assert.match(nothing, /Nothing to judge/);
  assert.doesNotMatch(nothing, /no request failed|None/);
});
