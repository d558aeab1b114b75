import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import http, { type RequestOptions } from 'node:http';
import type https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { SocketInstrumentation } from '../../src/index';
import { TestMeter } from '../support/metric-reader';
import { clientSpan, startSdk } from '../support/sdk';
import { COPIES } from '../support/undici-copies';

startSdk();
const meter = new TestMeter();
meter.setGlobal();
new SocketInstrumentation();
new HttpInstrumentation();
new UndiciInstrumentation();
// Loaded only now: instrumentation-http patches what is required after it.
const modules: { readonly http: typeof http; readonly https: typeof https } = {
  http: require('node:http'),
  https: require('node:https'),
};

const socketPath = path.join(os.tmpdir(), `metrics-names-${process.pid}.sock`);
const server = http.createServer((_, response) => response.end('ok'));
const unix = http.createServer((_, response) => response.end('ok'));
// Announces nothing then.
unix.keepAliveTimeout = 0;
// No connection of an earlier test ends for its idleness during a later one, however slow the machine is.
server.keepAliveTimeout = 60_000;
Object.assign(Reflect.get(http.globalAgent, 'options'), { timeout: 60_000 });
let port = 0;

before(async () => {
  await once(server.listen(0, '::'), 'listening');
  await once(unix.listen(socketPath), 'listening');
  port = (server.address() as AddressInfo).port;
});
after(() => {
  for (const one of [server, unix]) {
    one.closeAllConnections();
    one.close();
  }
});

interface Place {
  readonly address: unknown;
  readonly port: unknown;
}

/** Where the one request that `work` makes went, by its span, and by the series that it moved. */
async function placesOf(work: () => unknown): Promise<{ readonly span: Place; readonly metrics: Place }> {
  const before = await meter.all();
  const { attributes } = await clientSpan(work);
  const moved = (await meter.all()).filter(({ name, attributes, value, count }) => {
    const old = before.find((one) => one.name === name && same(one.attributes, attributes));
    return !name.endsWith('_timeout') && (value > (old?.value ?? 0) || count > (old?.count ?? 0));
  });
  const places = moved.map((one) => placeOf(one.attributes));
  const [metrics] = places;
  assert.ok(metrics !== undefined && places.every((place) => same(place, metrics)), JSON.stringify(moved));
  return { span: placeOf(attributes), metrics };
}

const same = (a: object, b: object) => JSON.stringify(a) === JSON.stringify(b);
const placeOf = (attributes: Readonly<Record<string, unknown>>): Place => ({
  address: attributes['server.address'],
  port: attributes['server.port'],
});

function get(options: string | RequestOptions, secure = false): Promise<unknown> {
  return new Promise((resolve) => {
    const request = (secure ? modules.https : modules.http).get(options as RequestOptions, (response) => {
      response.resume().on('end', () => setImmediate(resolve));
    });
    request.on('error', resolve);
  });
}

const local = (target: RequestOptions): RequestOptions => ({ port, agent: false, ...target });
const lookup = ((_: string, { all }: { all?: boolean }, done: (...args: unknown[]) => void) =>
  all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4)) as net.LookupFunction;
const createConnection = () => net.connect(port, '127.0.0.1');

/** Requests that a program may make, and the host and the port that they are for. */
const ASKED: readonly [what: string, send: () => Promise<unknown>, address: string, port: () => number][] = [
  ['a URL', () => get(`http://127.0.0.1:${port}/`), '127.0.0.1', () => port],
  ['a URL in capitals', () => get(`http://LOCALHOST:${port}/`), 'localhost', () => port],
  ['an option in capitals', () => get(local({ host: 'LOCALHOST', lookup })), 'LOCALHOST', () => port],
  ['a trailing dot', () => get(local({ hostname: 'localhost.', lookup })), 'localhost.', () => port],
  ['no host', () => get(local({ lookup })), 'localhost', () => port],
  ['IPv6 in a URL', () => get(`http://[::1]:${port}/`), '::1', () => port],
  ['IPv6', () => get(local({ hostname: '::1' })), '::1', () => port],
  ['a port that is text', () => get(local({ hostname: '127.0.0.2', port: String(port) })), '127.0.0.2', () => port],
  [
    "another origin's Host",
    () => get({ host: '127.0.0.3', headers: { host: 'a.example:8443' } }),
    '127.0.0.3',
    () => 80,
  ],
  ['a connection of its own', () => get({ hostname: '127.0.0.4', port, createConnection }), '127.0.0.4', () => port],
  [
    "a connection of its own and another origin's Host",
    () => get({ hostname: '127.0.0.4', createConnection, headers: { host: 'a.example:8443' } }),
    '127.0.0.4',
    () => 80,
  ],
  ['a connection of its own, IPv6', () => get({ hostname: '::1', port, createConnection }), '::1', () => port],
  ['http without a port', () => get({ host: '127.0.0.5' }), '127.0.0.5', () => 80],
  ['https without a port', () => get({ host: '127.0.0.6' }, true), '127.0.0.6', () => 443],
  ['an https URL', () => get('https://127.0.0.7/', true), '127.0.0.7', () => 443],
  ['a Unix socket', () => get({ socketPath }), 'localhost', () => 80],
  ['a Unix socket with a host', () => get({ socketPath, host: 'docker' }), 'docker', () => 80],
];

for (const [what, send, address, at] of ASKED) {
  test(`server.address and server.port of a request to ${what} are those of its span`, async () => {
    const { span, metrics } = await placesOf(send);
    assert.deepEqual(metrics, { address, port: at() });
    assert.deepEqual(metrics, span);
  });
}

const NOWHERE = { signal: AbortSignal.timeout(60_000) };
const viaFetch = (url: string) => fetch(url, NOWHERE).then((response) => response.text(), String);

for (const [what, url, address, at] of [
  ['a URL', () => `http://127.0.0.1:${port}/`, '127.0.0.1', () => port],
  ['capitals', () => `http://LocalHost:${port}/`, 'localhost', () => port],
  ['http without a port', () => 'http://127.0.0.8/', '127.0.0.8', () => 80],
  ['https without a port', () => 'https://127.0.0.8/', '127.0.0.8', () => 443],
] satisfies [string, () => string, string, () => number][]) {
  test(`of fetch, too: ${what}`, async () => {
    const { span, metrics } = await placesOf(() => viaFetch(url()));
    assert.deepEqual(metrics, { address, port: at() });
    assert.deepEqual(metrics, span);
  });
}

for (const { name, copy } of COPIES) {
  test(`${name}: on a Unix socket they are those of the URL`, async () => {
    const dispatcher = new copy.Client('http://docker', { socketPath });
    const { span, metrics } = await placesOf(async () => {
      await (await copy.request('http://docker/', { dispatcher })).body.dump();
    });
    assert.deepEqual(metrics, { address: 'docker', port: 80 });
    assert.deepEqual(metrics, span);
    await dispatcher.destroy();
  });
}

test('an IPv6 address has no brackets, as the conventions have it, whatever instrumentations write', async () => {
  const byFetch = await placesOf(() => viaFetch(`http://[::1]:${port}/`));
  assert.deepEqual(byFetch.metrics, { address: '::1', port });
  assert.deepEqual(byFetch.span, { address: '[::1]', port });
  // instrumentation-http takes what comes before the first colon for a host.
  const byHost = await placesOf(() => get(local({ host: '::1' })));
  assert.deepEqual(byHost.metrics, { address: '::1', port });
  assert.deepEqual(byHost.span, { address: 'localhost', port });
});

test('what one Unix socket announced is not held against another', async () => {
  const announcing = http.createServer((_, response) => response.setHeader('Keep-Alive', 'timeout=7').end('ok'));
  const other = `${socketPath}.2`;
  fs.rmSync(other, { force: true });
  await once(announcing.listen(other), 'listening');
  const host = 'sidecar';
  const agent = new http.Agent({ keepAlive: true });
  const first = await clientSpan(() => get({ socketPath: other, host, agent }));
  const span = await clientSpan(() => get({ socketPath, host, agent }));
  assert.equal(span.attributes['socket.peer_timeout_ms'], undefined);
  assert.equal(span.attributes['socket.timeout_mismatch'], undefined);
  assert.equal(first.attributes['socket.peer_timeout_ms'], 7_000);
  agent.destroy();
  announcing.close();
});
