import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { root } from '../support/root';

const fixture = (name: string) => path.join(__dirname, 'fixtures', name);
const ALL = { client: [0, 1], server: [0, 1], full: false };

/** What the spans of a program say of its connection. */
async function spansOf(...args: string[]): Promise<unknown> {
  const env = { ...process.env, NODE_OPTIONS: '', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' };
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, env, timeout: 30_000 });
  return JSON.parse(stdout);
}

for (const steps of [
  ['sdk', 'http', 'socket'],
  ['sdk', 'socket', 'http'],
  ['socket', 'http', 'sdk'],
  ['load', 'sdk', 'http', 'socket'],
  ['load', 'socket', 'sdk', 'http'],
  ['sdk', 'http', 'load', 'socket'],
  ['sdk', 'http', 'socket', 'socket'],
  ['sdk', 'socket, http'],
  ['sdk', 'load', 'http, socket'],
  ['NodeSDK'],
  ['NodeSDK, off at first'],
]) {
  test(`registered in this order, every span has its facts: ${steps.join(' > ')}`, async () => {
    assert.deepEqual(await spansOf(fixture('lifecycle-app.js'), ...steps), ALL);
  });
}

for (const how of ['once', 'twice']) {
  test(`an ES module with named imports of node:http is observed, registered ${how} by import and require`, async () => {
    const preload = ['--require', fixture('register-sdk.js')];
    assert.deepEqual(await spansOf(...preload, fixture('lifecycle-esm.mjs'), how), ALL);
  });
}
