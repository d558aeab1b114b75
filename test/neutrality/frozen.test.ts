import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const fixture = path.join(__dirname, 'fixtures', 'neutral-frozen.js');

// Node itself cannot do without writing to the other two once they are frozen.
for (const [name, ways] of [
  ['ClientRequest', ['freeze', 'seal']],
  ['IncomingMessage', ['freeze', 'seal']],
  ['tls.TLSSocket', ['freeze', 'seal']],
  ['Agent', ['seal']],
  ['net.Socket', ['seal']],
] as const) {
  for (const how of ways) {
    for (const when of ['before', 'after'] as const) {
      test(`a program may ${how} only ${name}'s prototype, ${when} it is patched: it is left alone, and no line is logged`, async () => {
        const { stdout, stderr } = await promisify(execFile)(process.execPath, [fixture, name, how, when]);
        assert.deepEqual(JSON.parse(stdout), { lines: [], answers: 'ok ok ok ok ok ok' });
        assert.equal(stderr, '');
      });
    }
  }
}
