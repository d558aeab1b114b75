import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { root } from '../support/root';
import { filesBelow } from '../support/test-files';
import { table } from './pages';

interface Tested {
  readonly name: string;
  readonly hides: string;
  readonly aborts: boolean;
}

/** What the tests of the libraries say: `testLibrary({ name, hides, timesOutBy … })`. */
function testedLibraries(): Tested[] {
  const sources = filesBelow('test/clients', '.test.ts').map((file) => fs.readFileSync(path.join(root, file), 'utf8'));
  return sources.flatMap((source) =>
    [...source.matchAll(/testLibrary\(\{\n([\s\S]*?)^\}\);/gm)].map(([, body = '']) => ({
      name: /name: '([^']+)'/.exec(body)?.[1] ?? '',
      hides: /hides: \[(.*)\]/.exec(body)?.[1] ?? '',
      aborts: body.includes("timesOutBy: 'abort'"),
    })),
  );
}

const rows = table('docs/clients.md', 'Clients and frameworks', 'client');

test('the table of clients says of each library what its test asserts', () => {
  const tested = testedLibraries();
  assert.ok(tested.length >= 13);
  for (const { name, hides, aborts } of tested) {
    const row = rows.find(([cell = '']) => cell.split(/; |, (?=node-fetch|agentkeepalive)/).includes(name));
    assert.ok(row, `no row for ${name}`);
    const [, reaches = '', timeout] = row;
    const expected = hides === '' ? /^yes$/ : hides.includes('stale') ? /^no: / : /^yes, but for its timeout$/;
    assert.match(reaches, expected, name);
    assert.equal(timeout, aborts ? '`client_cancelled`' : '`client_timeout`', name);
  }
});

test('every other name in that table is one that a test uses', () => {
  const all = filesBelow('test', '.ts').filter((file) => !/^test\/(docs|stack|corpus)\//.test(file));
  const sources = all.map((file) => fs.readFileSync(path.join(root, file), 'utf8')).join('\n');
  for (const [cell = ''] of rows) {
    for (const name of cell.split(/[,;:] /)) {
      const word = name
        .replaceAll('`', '')
        .replace(/^(fetch of Node|undici 6|7|8|http adapter|fetch adapter)$/, 'fetch');
      assert.ok(sources.includes(word), `${word} is in the table, not in a test`);
    }
  }
});
