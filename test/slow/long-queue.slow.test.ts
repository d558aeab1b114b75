import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

test('queueing a request does not cost more with each origin that waits', async () => {
  const program = path.join(__dirname, 'fixtures', 'queueing.js');
  const { stdout } = await promisify(execFile)(process.execPath, [program]);
  const [few, many] = JSON.parse(stdout) as [number, number];
  // Four times as many; a look at each of the others would make it sixteen.
  assert.ok(many < 8 * few, `${Math.round(few)} ms for 2,000, ${Math.round(many)} ms for 8,000`);
});
