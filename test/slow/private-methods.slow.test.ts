import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { NODE_METHODS } from '../../src/observe/process/private-members';

const program = path.join(__dirname, '../private-members/fixtures/without-method.js');
const SET_UP = ['queue', 'dns', 'connect', 'tls', 'proxy'];

for (const { of, name } of NODE_METHODS) {
  for (const when of ['before', 'after'] as const) {
    test(`${of} ${name} is out of reach ${when} loading: no false word is said of an order that was executed`, async () => {
      const { stdout } = await promisify(execFile)(process.execPath, ['--no-warnings', program, name, when]);
      const lines = stdout.trim().split('\n');
      assert.equal(lines.length, 6);
      for (const line of lines) {
        const { how, isWarm, orders, sent, retrySafe, phase, initiator, cause, connection } = JSON.parse(line);
        assert.equal(orders, 1, line);
        assert.ok([undefined, isWarm].includes(connection?.reused), line);
        assert.notEqual(sent, 'none', line);
        assert.notEqual(retrySafe, true, line);
        assert.ok(!SET_UP.includes(phase), line);
        assert.notEqual(initiator, how === 'timer' ? 'remote' : 'local', line);
        if (how === 'timer') assert.notEqual(cause, 'client_cancelled', line);
      }
    });
  }
}
