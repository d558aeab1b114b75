import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

/** What runs for each request and reads the program's requests and responses. */
const HOT = [
  'onSocket',
  'acquireSocket',
  'HttpExchange',
  'exchangeOf',
  'onCreated',
  'clientSpanOf',
  'onResponse',
  'onAnswer',
  'onMessageDestroyed',
  'onRelease',
  'started',
  'finished',
];
/** Functions are optimised early, so that the program is short. */
const SOON =
  Number(process.versions.node.split('.')[0]) < 22 ? '--interrupt-budget=20000' : '--invocation-count-for-turbofan=500';

test('the bundle keeps the writes that keep the shapes of spans alive, though nothing reads them', () => {
  const bundle = readFileSync(
    path.join(path.dirname(require.resolve('opentelemetry-instrumentation-socket')), 'shared.js'),
    'utf8',
  );
  for (const kept of ['found', 'unsampled']) assert.match(bundle, new RegExp(`keptSpans\\.${kept} = span;`));
});

test('a full collection between requests costs no optimised code: it discards only shapes that we do not read', () => {
  const program = path.join(__dirname, 'collected.js');
  const flags = ['--expose-gc', '--single-threaded', '--trace-opt', '--trace-deopt', SOON];
  const { stdout, stderr } = spawnSync(process.execPath, [...flags, program], { encoding: 'utf8', maxBuffer: 1 << 28 });
  assert.equal(stderr, '');
  // The bundler numbers names that two files use; V8 inlines some of these functions into others.
  const isSeen = (name: string, before: string, after: string) =>
    new RegExp(`${before}${name}(?:\\$\\d+)?${after}`).test(stdout);
  const optimised = HOT.filter((name) => isSeen(name, 'completed (?:compiling|optimizing).*<JSFunction ', ' '));
  assert.ok(optimised.length >= 5, `only ${optimised} are optimised, which shows too little`);
  const discarded = HOT.filter((name) => isSeen(name, 'SharedFunctionInfo ', '>.*embedded weak objects cleared'));
  assert.deepEqual(discarded, []);
});
