import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import zlib from 'node:zlib';
import { type DocumentKind, readDocument } from '../../src/diagnose/read/document';
import type { HttpSpan } from '../../src/diagnose/read/http-span';
import { JsonReader } from '../../src/diagnose/read/json-lines';
import { printable } from '../../src/diagnose/read/text';
import { demoRun, diagnose, found, temporary } from './run';
import { healthy, line, lines } from './spans';

/** Reads a text in chunks of this size. */
function read(text: string | Buffer, size = 1_000): { reader: JsonReader; spans: HttpSpan[] } {
  const spans: HttpSpan[] = [];
  const sink = { http: (span: HttpSpan) => spans.push(span), other: () => undefined };
  const reader = new JsonReader((value): DocumentKind => readDocument(value, sink));
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length; from += size) {
    // The reader may not keep a chunk.
    const chunk = Buffer.from(bytes.subarray(from, from + size));
    reader.push(chunk);
    chunk.fill(0);
  }
  reader.end();
  return { reader, spans };
}

const request = (id: number) => ({ atMs: id, attributes: healthy(id, 1) });

test('lines are read wherever their chunks end', () => {
  const text = lines([request(1), request(2), request(3)]);
  for (const size of [1, 7, 100, text.length]) {
    const { reader, spans } = read(text, size);
    assert.deepEqual(
      spans.map(({ connection }) => connection.id),
      [1, 2, 3],
    );
    assert.deepEqual(reader.counts, { spans: 3, other: 0, broken: 0, firstBroken: undefined });
  }
  assert.equal(read(text.trimEnd()).spans.length, 3, 'the last line may lack its end');
  assert.equal(read(text.replaceAll('\n', '\r\n\r\n')).spans.length, 3);
  assert.equal(read(`\ufeff${text}`).spans.length, 3);
});

test('broken lines are counted, the first is named, and the others are read', () => {
  const [whole = '', more = ''] = [line(request(1)), line(request(2))];
  const { reader, spans } = read(`${whole}\n${more.slice(0, 80)}\nnonsense\n${more}\n{"resourceMetrics":[]}\n`);
  assert.equal(spans.length, 2);
  assert.deepEqual(reader.counts, {
    spans: 2,
    other: 1,
    broken: 2,
    firstBroken: { line: 2, why: 'not JSON, or cut off' },
  });
});

test('a file that begins in the middle of a line is still JSON lines', () => {
  const text = lines([request(1), request(2)]);
  const { reader, spans } = read(text.slice(50));
  assert.equal(spans.length, 1);
  assert.equal(reader.counts.broken, 1);
  assert.equal(read(`{"resourceSpans":\n${text}`).spans.length, 2);
});

test('one document is read, on one line or on many, and a list of them', () => {
  const document = JSON.parse(line(request(1), request(2))) as object;
  for (const text of [document, [document], { trace: document }].flatMap((each) => [
    JSON.stringify(each),
    JSON.stringify(each, null, 2),
    `${JSON.stringify(each, null, '\t')}\n`,
  ])) {
    const { reader, spans } = read(text);
    assert.equal(spans.length, 2, text);
    assert.deepEqual(reader.counts, { spans: 1, other: 0, broken: 0, firstBroken: undefined });
  }
});

test('numbers, times and kinds are read in each form that OTLP in JSON has', () => {
  const span = {
    kind: 'SPAN_KIND_CLIENT',
    startTimeUnixNano: 1_764_331_200_000_000_000,
    endTimeUnixNano: '1764331200250000000',
    attributes: [
      { key: 'http.method', value: { stringValue: 'PUT' } },
      { key: 'net.peer.name', value: { stringValue: 'old' } },
      { key: 'net.peer.port', value: { intValue: '8080' } },
      { key: 'socket.id', value: { intValue: '7' } },
      { key: 'socket.idle_ms', value: { doubleValue: 12 } },
      { key: 'socket.age_ms', value: { intValue: -5 } },
    ],
  };
  const scopes = [{ instrumentationLibrary: { name: '@opentelemetry/instrumentation-undici' }, spans: [span] }];
  const [read1] = read(JSON.stringify({ resourceSpans: [{ instrumentationLibrarySpans: scopes }] })).spans;
  assert.equal(read1?.host, 'old:8080');
  assert.equal(read1?.method, 'PUT');
  assert.equal(read1?.library, 'undici');
  assert.equal(read1?.service, 'unknown_service');
  assert.equal(Math.round((read1?.endMs ?? 0) - (read1?.startMs ?? 0)), 250);
  assert.deepEqual(read1?.connection, { id: 7, idleMs: 12 });
});

test('hosts of different names stay different, whatever their letters', () => {
  const names = ['münchen.example', 'manchen.example', 'mönchen.example', `${'x'.repeat(90)}.a`, `${'x'.repeat(90)}.b`];
  const { spans } = read(lines([...names, '::1'].map((host) => ({ ...request(1), host }))));
  assert.deepEqual(
    spans.map(({ host }) => host),
    [...names.map((name) => `${name}:443`), '[::1]:443'],
  );
});

test('a packed file gives what the file gives', async () => {
  const packed = temporary('run.jsonl.gz', zlib.gzipSync(fs.readFileSync(demoRun)));
  const [a, b] = [await found([packed]), await found([demoRun])];
  assert.deepEqual({ ...a, sources: [] }, { ...b, sources: [] });
});

test('text that is printed has no control characters, invisible ones, or endless length', () => {
  assert.equal(printable('a\x1b[31mb\r\nc\u202ed\u200be\u0085f\ud800'), 'a?[31mb??c?d?e?f?');
  assert.equal(printable('größe 日本 🎉'), 'größe 日本 🎉');
  assert.equal(printable('x'.repeat(500)).length, 201);
});

test('documents that were laid out, one after the other, and a list with a line for each element are read', async () => {
  const all = fs.readFileSync(demoRun, 'utf8').trimEnd().split('\n');
  const expected = (await diagnose([demoRun])).stdout;
  const laidOut = all.map((each) => JSON.stringify(JSON.parse(each), null, 2));
  for (const text of [laidOut.join('\n'), `[\n${laidOut.join(',\n')}\n]\n`, `[\n${all.join(',\r\n')}\r\n]\r\n`]) {
    const { stdout, stderr } = await diagnose(['-'], text);
    assert.equal(stdout, expected, stderr + text.slice(0, 20));
  }
  const utf16 = await diagnose(['-'], Buffer.from(`\ufeff${all.join('\n')}`, 'utf16le'));
  assert.match(utf16.stderr, /is UTF-16: convert it to UTF-8/);
});

test('a text that looks like a document and never ends is not parsed again and again', async () => {
  const startedMs = performance.now();
  const { code } = await diagnose(['-'], `{\n${'}\n'.repeat(1_000_000)}`);
  assert.equal(code, 2);
  assert.ok(performance.now() - startedMs < 20_000);
});
