import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { test } from 'node:test';
import zlib from 'node:zlib';
import type { Diagnosis } from '../../src/diagnose/findings/diagnosis';
import { command, demoRun, diagnose, found, temporary } from './run';
import { failed, healthy, lines, stale } from './spans';

test("the demo's spans answer the four questions, from a file and from standard input alike", async () => {
  const fromFile = await diagnose([demoRun]);
  assert.equal(fromFile.code, 1, fromFile.stderr);
  for (const pattern of [
    /^16 requests of shop-with, .*: 9 failed \(563 per\s1,000\), 5 of them/,
    /orders:\d+ +5 +1 +200 +100 % +1 stale_keepalive \(likely\)/,
    /orders:\d+ +only reused +0 of 2 +0 +1 of 3 +333/,
    /shop-with +orders:\d+ +none +2 s +0 +the peer's: set 1 s/,
    /inventory:\d+ .*3 connections of shop-with failed/,
    /new http\.Agent\(\{ keepAlive: true, timeout: 1000 \}\)/,
    /shop-without sent 16 requests without this package/,
  ])
    assert.match(fromFile.stdout, pattern);
  const fromInput = await diagnose(['-'], fs.readFileSync(demoRun));
  assert.equal(fromInput.stdout, fromFile.stdout);
  assert.equal(fromInput.code, 1);
});

test('the exit code is 0 without avoidable failures, and 2 if a source cannot be read', async () => {
  const fine = lines([{ atMs: 0, attributes: healthy(1, 50) }]);
  assert.equal((await diagnose(['-'], fine)).code, 0);
  const notOurs = lines([{ atMs: 0, method: 'POST', attributes: failed(1, { 'socket.failure.retry_safe': false }) }]);
  assert.equal((await diagnose(['-'], notOurs)).code, 0);
  assert.equal((await diagnose(['-'], lines([{ atMs: 0, attributes: stale(1, 5_001) }]))).code, 1);

  const missing = await diagnose(['no-such-file.jsonl', demoRun]);
  assert.equal(missing.code, 2);
  assert.match(missing.stderr, /^diagnose: no-such-file\.jsonl: there is no such file\n$/);
  assert.match(missing.stdout, /^16 requests/, 'the other source is reported all the same');
});

test('a source that ends early is listed, and what was read of it is counted', async () => {
  const requests = Array.from({ length: 20_000 }, (_, i) => ({
    atMs: i,
    attributes: healthy(i, (i * 7_919) % 65_536),
  }));
  const packed = zlib.gzipSync(lines(requests));
  const half = temporary('half.jsonl.gz', packed.subarray(0, packed.length / 2));
  const both = await diagnose([half, demoRun, '--json']);
  assert.equal(both.code, 2);
  assert.match(both.stderr, /^diagnose: .*half\.jsonl\.gz: unexpected end of file\n$/);
  const { sources, requests: read } = JSON.parse(both.stdout) as Diagnosis;
  assert.equal(sources.length, 2);
  assert.match(sources[0]?.stopped ?? '', /unexpected end of file$/);
  assert.ok(read > 1_000, `${read} requests`);
  const alone = await diagnose([half]);
  assert.equal(alone.code, 2);
  assert.match(
    alone.stdout,
    /^! .*half\.jsonl\.gz: unexpected end of file: only what came before that is\s+counted\./m,
  );
});

test('what cannot be read is said in one line', async () => {
  const cases: readonly (readonly [string | Buffer, RegExp])[] = [
    ['', /standard input: is empty/],
    ['hello\n', /holds no spans \(line 1: not JSON, or cut off\)/],
    ['{"a":1}\n', /line 1: JSON, but neither OTLP nor an answer of Jaeger or Tempo/],
    [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0]), /compressed: pipe it through `zstd -dc`/],
    [Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3]), /standard input: /],
    [Buffer.alloc(100), /binary, not JSON/],
  ];
  for (const [input, pattern] of cases) {
    const { code, stderr, stdout } = await diagnose(['-'], input);
    assert.equal(code, 2, stderr);
    assert.match(stderr, pattern);
    assert.equal(stdout, '');
  }
});

test('without a request to judge the exit code is 2', async () => {
  const server = lines([{ atMs: 0, attributes: {} }]);
  const { code, stdout } = await diagnose(['-'], server);
  assert.equal(code, 2);
  assert.match(
    stdout,
    /^Nothing to judge: no request of a client with this package is among 1 span\s\(see "Set-up"\sin\sthe\sREADME/,
  );
  assert.doesNotMatch(stdout, /no request failed|None/, 'of what was not seen nothing is said');
});

test('what reads the output may stop early: the exit code stays that of the diagnosis', async () => {
  const reader = spawn('bash', [
    '-o',
    'pipefail',
    '-c',
    `"${process.execPath}" "${command}" diagnose "${demoRun}" --json | true`,
  ]);
  const [code] = await once(reader, 'exit');
  assert.equal(code, 1);
});

test('filters that leave nothing to judge are said to have left it out', async () => {
  for (const [filters, said] of [
    [['--service', 'shop-without'], /^Nothing to judge: --service left out 16 of 32 spans, and no request/],
    [['--service', 'shop-wiht'], /^Nothing to judge: --service left out 32 of 32 spans, and no request/],
    [['--since', '1s'], /^Nothing to judge: --since left out 32 of 32 spans, and no request/],
  ] as const) {
    const { code, stdout } = await diagnose([demoRun, ...filters]);
    assert.equal(code, 2);
    assert.match(stdout, said);
  }
});

test('a command line that cannot be obeyed is explained, and --help is not an error', async () => {
  for (const args of [[], ['x', '--since', 'yesterday'], ['x', '--sinse', '1h']]) {
    const { code, stderr } = await diagnose(args);
    assert.equal(code, 2);
    assert.match(stderr, /^diagnose: .+\nTry --help\.\n$/);
  }
  const help = await diagnose(['--help']);
  assert.equal(help.code, 0);
  for (const option of ['--since', '--service', '--json', '--html', '--no-color'])
    assert.ok(help.stdout.includes(option), option);
});

test('--service and --since leave out what was not asked for', async () => {
  assert.equal((await found([demoRun, '--service', 'shop-with'])).requests, 16);
  assert.equal((await found([demoRun, '--service', 'shop-with', '--service', 'shop-without'])).requests, 16);
  const now = Date.now();
  const spans = lines([{ atMs: 0, attributes: healthy(1, 1) }]).replaceAll(/"(\d{13})(\d{6})"/g, `"${now}$2"`);
  assert.equal((await found(['-', '--since', '1m'], spans + fs.readFileSync(demoRun, 'utf8'))).requests, 1);
});

test('--html overwrites its own pages only, and says so before anything is read', async () => {
  const evidence = fs.readFileSync(demoRun);
  const copy = temporary('traces.jsonl', evidence);
  for (const [args, said] of [
    [
      ['--html', copy, demoRun],
      /--html .*traces\.jsonl: this file exists and is not a report: it would be overwritten\nTry --help/,
    ],
    [[demoRun, '--html', '/no/such/page.html'], /there is no such folder/],
    [[demoRun, '--html', '/'], /not the name of a file/],
    [[demoRun, '--html', '--json'], /argument is ambiguous\nTry --help/],
    [['localhost:16686'], /there is no such file \(an address begins with http:\/\/\)/],
  ] as const) {
    const { code, stderr, stdout } = await diagnose(args);
    assert.equal(code, 2);
    assert.match(stderr, said);
    assert.equal(stdout, '');
  }
  assert.deepEqual(fs.readFileSync(copy), evidence);
  const page = temporary('again.html');
  for (let i = 0; i < 2; i += 1) assert.equal((await diagnose([demoRun, '--html', page])).code, 1);
});

test('--json holds the findings, and --html writes a page beside either output', async () => {
  const file = temporary('page.html');
  const diagnosis = await found([demoRun, '--html', file]);
  assert.deepEqual(
    diagnosis.hosts.map(({ failures }) => failures),
    [4, 1, 1, 1, 1, 1],
  );
  assert.equal(diagnosis.avoidable, 5);
  assert.match(fs.readFileSync(file, 'utf8'), /^<!doctype html>/);
  assert.match(fs.readFileSync(command, 'utf8'), /^#!\/usr\/bin\/env node\n/);
});
