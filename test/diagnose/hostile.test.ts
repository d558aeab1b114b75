import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { Collection } from '../../src/diagnose/collect/collection';
import { diagnosisOf } from '../../src/diagnose/findings/diagnosis';
import { page } from '../../src/diagnose/page/page';
import { printed } from '../../src/diagnose/print/print';
import { readDocument } from '../../src/diagnose/read/document';
import { JsonReader } from '../../src/diagnose/read/json-lines';
import { demoRun } from './run';
import { failed, lines, stale } from './spans';

/** Everything that is made of an input, in this process. */
function outputsOf(input: Buffer): { text: string; html: string; requests: number } {
  const collection = new Collection({ sinceMs: undefined, services: [] });
  const reader = new JsonReader((value) => readDocument(value, collection));
  for (let from = 0; from < input.length; from += 5_000) reader.push(input.subarray(from, from + 5_000));
  reader.end();
  const { broken: brokenLines, firstBroken } = reader.counts;
  const diagnosis = diagnosisOf(collection, [
    { name: 'x', kind: 'file', brokenLines, firstBroken, stopped: undefined, notes: [] },
  ]);
  JSON.stringify(diagnosis);
  return { text: printed(diagnosis, 80, false), html: page(diagnosis), requests: diagnosis.requests };
}

const demo = fs.readFileSync(demoRun);

test('no corrupted, truncated or spliced file ends in an exception', () => {
  const place = fc.integer({ min: 0, max: demo.length - 1 });
  const damage = fc.array(fc.tuple(place, fc.integer({ min: 0, max: 255 })), { maxLength: 40 });
  fc.assert(
    fc.property(damage, place, place, (bytes, from, to) => {
      const input = Buffer.concat([demo.subarray(from), demo.subarray(0, to)]);
      for (const [at, byte] of bytes) if (at < input.length) input[at] = byte;
      outputsOf(input);
    }),
    { numRuns: 60 },
  );
});

test('no value of JSON in the place of another ends in an exception', () => {
  const text = lines([
    { atMs: 0, attributes: failed(1) },
    { atMs: 9, attributes: stale(2, 5_000) },
  ]);
  const keys = [...new Set(text.match(/"\w+":/g))];
  fc.assert(
    fc.property(fc.constantFrom(...keys), fc.jsonValue(), (key, value) => {
      const json = JSON.stringify(value);
      const broken = text.replace(new RegExp(`${key}("[^"]*"|\\d+|true|false|(?=[[{]))`), () => `${key}${json},"x":`);
      outputsOf(Buffer.from(broken));
      outputsOf(Buffer.from(text.replaceAll(/"stringValue":"[^"]*"/g, () => `"stringValue":${json}`)));
    }),
    { numRuns: 150 },
  );
});

test('any JSON at all is no reason to crash', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      for (const each of [value, { resourceSpans: value }, { data: value }, { result: value }, { batches: [value] }])
        outputsOf(Buffer.from(JSON.stringify(each)));
    }),
    { numRuns: 150 },
  );
  outputsOf(Buffer.from('['.repeat(200_000)));
  outputsOf(Buffer.from(`${'{"result":'.repeat(50)}{}${'}'.repeat(50)}`));
  assert.equal(outputsOf(Buffer.from('{"resourceSpans":[],"__proto__":{"resourceSpans":[1]}}')).requests, 0);
});

test('text of spans can neither drive a terminal nor become markup', () => {
  const evil = `\x1b]0;title\x07<img src=x onerror=alert(1)>"'\u202e\nfake line`;
  const attack = { service: evil, host: evil, address: evil, method: evil };
  const { text, html } = outputsOf(
    Buffer.from(lines([1, 2, 3].map((port) => ({ ...attack, atMs: port, attributes: stale(port, 6_000) })))),
  );
  assert.match(text, /stale_keepalive/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is they that may not be there.
  assert.doesNotMatch(text, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
  assert.doesNotMatch(text, /^fake line/m);
  assert.doesNotMatch(html, /<img|onerror=alert\(1\)>/);
  assert.match(html, /&lt;img src=x/);
});

test('twenty thousand names take a bounded part of the memory', () => {
  const collection = new Collection({ sinceMs: undefined, services: [] });
  for (let i = 0; i < 20_000; i += 1) {
    const text = lines([
      { service: `s${i}`, host: `h${i}`, address: `10.0.${i}`, atMs: i, attributes: stale(i, 6_000) },
    ]);
    readDocument(JSON.parse(text), collection);
  }
  assert.equal(collection.requests, 20_000);
  assert.ok(collection.hosts.size <= 1_001, `${collection.hosts.size} hosts`);
  assert.ok(collection.services.size <= 1_001);
  assert.ok(collection.timeouts.size <= 5_001);
  assert.equal(collection.hosts.get('_OTHER')?.all.failures, 19_000);
});
