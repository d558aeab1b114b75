import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { type Span, SpanKind } from '@opentelemetry/api';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import type * as Package from '../../src/index';
import * as first from '../../src/index';
import { type Exchange, exchange, type Peer, startPeer } from '../support/peer';
import { clientSpan, spansOf, startSdk } from '../support/sdk';

startSdk();
new HttpInstrumentation();
// instrumentation-http patches the module when it is required the next time.
require('node:http');

/** A second installed copy: other files, other modules; only what lives in globalThis is the same. */
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'copies-'));
fs.cpSync(path.join(__dirname, '../../src'), path.join(scratch, 'src'), { recursive: true });
const installed = require.resolve('shimmer').replace(/(\/node_modules)\/.*/, '$1');
fs.symlinkSync(installed, path.join(scratch, 'node_modules'));
const second = require(path.join(scratch, 'src/index.js')) as typeof Package;

let peer: Peer;
const instances: { disable(): void }[] = [];
const told: string[] = [];

before(async () => {
  peer = await startPeer();
});
after(async () => {
  fs.rmSync(scratch, { recursive: true });
  await peer.stop();
});
afterEach(() => {
  for (const instance of instances.splice(0)) instance.disable();
  told.length = 0;
});

function start(copy: typeof Package, name: string, config: Package.SocketInstrumentationConfig = {}) {
  const failureHook = (_: Span, { kind }: Package.SocketFailure) => told.push(`${name} ${kind}`);
  const instance = new copy.SocketInstrumentation({ failureHook, ...config });
  instances.push(instance);
  return instance;
}

const reuseCount = async (agent: http.Agent) =>
  (await clientSpan(() => exchange(peer, '/ok', { agent }))).attributes['socket.reuse_count'];

test('copies in other realms still find the state of the process after garbage was collected', async () => {
  const code = `
    require(${JSON.stringify(path.join(__dirname, '../../src/index.js'))});
    const { channel } = require('node:diagnostics_channel');
    const state = globalThis[Symbol.for('opentelemetry-instrumentation-socket/1')];
    setTimeout(() => {
      for (let i = 0; i < 3; i += 1) gc();
      setTimeout(() => {
        gc();
        console.log(channel('opentelemetry-instrumentation-socket/1').processState === state);
      }, 10);
    }, 10);`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', '-e', code], { encoding: 'utf8' });
  assert.equal(stdout, 'true\n', stderr);
});

test('the copies are two, and each knows the failures that the other saw', async () => {
  assert.notEqual(first.SocketInstrumentation, second.SocketInstrumentation);
  start(first, 'first');
  let failed: Exchange | undefined;
  await clientSpan(async () => {
    failed = await exchange(peer, '/drop-fin', { agent: false });
  });
  const failure = second.socketFailureOf(new Error('wrapped', { cause: failed?.error }));
  assert.equal(failure?.kind, 'closed');
  assert.equal(failure, first.socketFailureOf(failed?.error));
});

test('two copies count once and tell once; the second takes over with the counts of the first', async () => {
  const agent = new http.Agent({ keepAlive: true });
  const one = start(first, 'first');
  start(second, 'second');
  assert.equal(await reuseCount(agent), 0);
  assert.equal(await reuseCount(agent), 1);
  await clientSpan(() => exchange(peer, '/drop-fin', { agent: false }));
  one.disable();
  assert.equal(await reuseCount(agent), 2);
  await clientSpan(() => exchange(peer, '/cut-fin', { agent: false }));
  assert.deepEqual(told, ['first closed', 'second truncated']);
  agent.destroy();
});

test('numbers of connections are unique across copies', async () => {
  const ids = new Set<unknown>();
  for (const copy of [first, second, first]) {
    const instance = start(copy, '');
    const { attributes } = await clientSpan(() => exchange(peer, '/ok', { agent: false }));
    ids.add(attributes['socket.id']);
    instance.disable();
  }
  assert.equal(ids.size, 3);
});

test('one copy observes clients and the other servers: both hear how a connection ended', async () => {
  for (const [client, server] of [
    [first, second],
    [second, first],
  ] as const) {
    told.length = 0;
    const clients = start(client, 'client', { httpServer: false });
    const servers = start(server, 'server', { httpClient: false });
    const listening = http.createServer((_, response) => response.write('begun'));
    await once(listening.listen(0, '127.0.0.1'), 'listening');
    const { port } = listening.address() as AddressInfo;
    const [span] = await spansOf(SpanKind.SERVER, 1, () => {
      const request = http.get({ port, host: '127.0.0.1', agent: false }, (response) => response.destroy());
      request.on('error', () => undefined);
    });
    assert.equal(span?.attributes['socket.failure.cause'], 'client_gone');
    await clientSpan(() => exchange(peer, '/cut-fin', { agent: false }));
    assert.deepEqual(told.filter((each) => !each.includes('local')).sort(), ['client truncated', 'server closed']);
    clients.disable();
    servers.disable();
    listening.close();
    await once(listening, 'close');
  }
});

test('two copies, disabled in any order, give back the original methods', () => {
  const { addRequest } = http.Agent.prototype as unknown as { addRequest: unknown };
  const now = () => (http.Agent.prototype as unknown as { addRequest: unknown }).addRequest;
  for (const order of [
    [0, 1],
    [1, 0],
  ]) {
    const pair = [start(first, ''), start(second, '')];
    pair[order[0] ?? 0]?.disable();
    assert.notEqual(now(), addRequest);
    pair[order[1] ?? 0]?.disable();
    assert.equal(now(), addRequest);
  }
});
