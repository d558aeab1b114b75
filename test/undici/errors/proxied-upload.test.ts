import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { SocketInstrumentation, socketFailureOf } from '../../../src/index';
import { startUpload } from '../../server/upload';
import { closedPort } from '../../support/fresh-port';
import { startSdk } from '../../support/sdk';
import { COPIES } from '../../support/undici-copies';

process.removeAllListeners('warning');
startSdk();
new SocketInstrumentation();
new UndiciInstrumentation();

for (const { name, copy } of COPIES)
  test(`${name}: uploads that a proxy passes on, and that wait for one connect, were never sent, as each of them says`, async () => {
    const dispatcher = new copy.Agent({ connections: 1 });
    const url = `http://127.0.0.1:${await closedPort()}/`;
    const uploads = await Promise.all([startUpload(), startUpload(), startUpload()]);
    const verdicts = uploads.map(async ({ client, incoming }) => {
      incoming.on('error', () => undefined);
      try {
        return await copy.request(url, { dispatcher, method: 'POST', body: incoming });
      } catch (error) {
        return socketFailureOf(error);
      } finally {
        client.destroy();
      }
    });
    for (const verdict of await Promise.all(verdicts)) {
      assert.ok(verdict !== undefined && 'retrySafe' in verdict);
      assert.deepEqual([verdict.cause, verdict.sent, verdict.retrySafe], ['not_listening', 'none', true]);
    }
    await dispatcher.destroy();
  });
