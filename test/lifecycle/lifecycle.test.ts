import assert from 'node:assert/strict';
import { once } from 'node:events';
import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import net from 'node:net';
import { after, afterEach, before, test } from 'node:test';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { SocketInstrumentation, type SocketInstrumentationConfig, socketFailureOf } from '../../src/index';
import { exchange, type Peer, startPeer } from '../support/peer';
import { clientSpan, type EndedSpan, startSdk } from '../support/sdk';

startSdk();
new HttpInstrumentation();
// instrumentation-http patches the module when it is required the next time.
require('node:http');
let peer: Peer;
const instances: SocketInstrumentation[] = [];

before(async () => {
  peer = await startPeer();
});
after(() => peer.stop());
afterEach(() => {
  for (const instance of instances.splice(0)) instance.disable();
});

function start(config?: SocketInstrumentationConfig): SocketInstrumentation {
  const instance = new SocketInstrumentation(config);
  instances.push(instance);
  return instance;
}

const ask = (path: string, agent: http.Agent | false = false, tap?: (request: ClientRequest) => void) =>
  clientSpan(() => exchange(peer, path, { agent, ...(tap === undefined ? {} : { tap }) }));
const ours = ({ attributes }: EndedSpan) => Object.keys(attributes).filter((name) => name.startsWith('socket.'));

test('enabled: false observes nothing until enable(); disable() ends it; both may be repeated', async () => {
  const instance = start({ enabled: false });
  assert.deepEqual(ours(await ask('/ok')), []);
  for (let round = 0; round < 10; round++) {
    instance.enable();
    instance.enable();
    assert.notDeepEqual(ours(await ask('/ok')), []);
    instance.disable();
    instance.disable();
    assert.deepEqual(ours(await ask('/ok')), []);
  }
});

test('disable() while a request is in flight leaves it to its end, without our attributes', async () => {
  const instance = start();
  const span = await ask('/slow?20', false, (request) => {
    request.on('socket', (socket) => socket.once('ready', () => setImmediate(() => instance.disable())));
  });
  assert.equal(span.attributes['http.response.status_code'], 200);
  assert.deepEqual(ours(span), []);
});

test('disable() while the socket is connecting leaves the request to its end', async () => {
  const instance = start();
  const span = await ask('/ok', false, () => instance.disable());
  assert.equal(span.attributes['http.response.status_code'], 200);
  assert.deepEqual(ours(span), []);
});

test('disable() between the headers and the cut of a response leaves the error to the program', async () => {
  const instance = start();
  let caught: unknown;
  await clientSpan(async () => {
    const { error } = await exchange(peer, '/cut-rst', {
      agent: false,
      tap: (request) => request.on('response', () => instance.disable()),
    });
    caught = error;
  });
  assert.equal((caught as NodeJS.ErrnoException).code, 'ECONNRESET');
  assert.equal(socketFailureOf(caught), undefined);
});

test('a connection that was used while nobody looked is not called fresh, and its count is unknown', async () => {
  const agent = new http.Agent({ keepAlive: true });
  const instance = start();
  await ask('/ok', agent);
  assert.equal((await ask('/ok', agent)).attributes['socket.reuse_count'], 1);
  instance.disable();
  await ask('/ok', agent);
  instance.enable();
  const { attributes } = await ask('/ok', agent);
  assert.equal(attributes['socket.reused'], true);
  assert.equal(attributes['socket.reuse_count'], undefined);
  agent.destroy();
});

test('a request that was made before enable() and answered after it does no harm', async () => {
  const instance = start({ enabled: false });
  const span = await ask('/slow?10', false, (request) => request.on('socket', () => instance.enable()));
  assert.equal(span.attributes['http.response.status_code'], 200);
  assert.ok(!('socket.failure.kind' in span.attributes));
});

test('setConfig takes effect at once and keeps what is known of open connections', async () => {
  const agent = new http.Agent({ keepAlive: true });
  const instance = start();
  const essential = await ask('/ok', agent);
  assert.ok(!('network.local.port' in essential.attributes));
  instance.setConfig({ detail: 'full' });
  const full = await ask('/ok', agent);
  assert.ok('network.local.port' in full.attributes);
  assert.equal(full.attributes['socket.reuse_count'], 1);
  instance.setConfig({ httpClient: false });
  assert.deepEqual(ours(await ask('/ok', agent)), []);
  instance.setConfig({});
  assert.notDeepEqual(ours(await ask('/ok', agent)), []);
  instance.setConfig({ enabled: false });
  assert.deepEqual(ours(await ask('/ok', agent)), []);
  agent.destroy();
});

test('setConfig on a disabled instance does not enable it', async () => {
  const instance = start({ enabled: false });
  instance.setConfig({ detail: 'full' });
  assert.deepEqual(ours(await ask('/ok')), []);
});

test('of two instances the first reports; when it is disabled, the next takes over in the middle of a connection', async () => {
  const told: string[] = [];
  const agent = new http.Agent({ keepAlive: true });
  const first = start({ failureHook: () => told.push('first') });
  const second = start({ detail: 'full', failureHook: () => told.push('second') });
  const one = await ask('/ok', agent);
  assert.equal(one.attributes['socket.reuse_count'], 0);
  assert.ok(!('network.local.port' in one.attributes));
  await ask('/drop-fin');
  assert.deepEqual(told, ['first']);
  first.disable();
  const two = await ask('/ok', agent);
  assert.equal(two.attributes['socket.reuse_count'], 1);
  assert.ok('network.local.port' in two.attributes);
  await ask('/drop-fin');
  assert.deepEqual(told, ['first', 'second']);
  first.enable();
  await ask('/drop-fin');
  assert.deepEqual(told, ['first', 'second', 'second']);
  second.disable();
  await ask('/drop-fin');
  assert.deepEqual(told, ['first', 'second', 'second', 'first']);
  agent.destroy();
});

test('httpServer: false observes no server, httpClient: false no client', async () => {
  const server = http.createServer((_, response) => response.end('ok'));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as { port: number };
  for (const [config, client] of [
    [{ httpServer: false }, true],
    [{ httpClient: false }, false],
  ] as const) {
    const instance = start(config);
    const span = await clientSpan(async () => {
      const request = http.get({ port, host: '127.0.0.1', agent: false });
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      await once(response.resume(), 'end');
    });
    assert.equal(ours(span).length > 0, client);
    instance.disable();
  }
  server.close();
  await once(server, 'close');
});

test('disable() and enable() during a response: the error that cuts it has its verdict', async () => {
  start({ httpClient: false });
  const instance = start();
  // Its release is told by no agent.
  const createConnection = () => net.connect(peer.port, '127.0.0.1');
  const request = http.get({ host: '127.0.0.1', port: peer.port, path: '/cut-rst', createConnection });
  request.on('error', () => undefined);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.resume();
  instance.disable();
  instance.enable();
  const [error] = await once(response, 'error');
  assert.equal(socketFailureOf(error)?.kind, 'truncated');
});
