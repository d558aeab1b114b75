import assert from 'node:assert/strict';
import async_hooks from 'node:async_hooks';
import http from 'node:http';
import net, { type Socket } from 'node:net';
import { after, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { SocketInstrumentation } from '../../src/index';
import { listen } from '../support/fresh-port';
import { TestMeter, total } from '../support/metric-reader';
import { exchange } from '../support/peer';
import { clientSpan, startSdk } from '../support/sdk';

startSdk();
setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');
new HttpInstrumentation();
const meter = new TestMeter();
const instrumentation = new SocketInstrumentation({ detail: 'full' });
instrumentation.setMeterProvider(meter.provider);
require('node:http');
after(() => instrumentation.disable());

/** How the server answers the end of its client. */
const ANSWERS: Record<string, (socket: Socket) => void> = {
  FIN: (socket) => socket.end(),
  RST: (socket) => socket.resetAndDestroy(),
};

interface Site {
  readonly port: number;
  readonly sockets: Set<Socket>;
}

async function open(): Promise<Site> {
  const server = http.createServer((_, response) => response.end('ok'));
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  const port = await listen(server);
  after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { port, sockets };
}

const get = ({ port }: Site, agent: http.Agent) => exchange({ port, secure: false }, '/', { agent });
const openNow = async ({ port }: Site) => total(await meter.series(port), 'http.client.open_connections');

test('sockets that are handed over destroyed are no open connections, and are not kept', async () => {
  const site = await open();
  const handed: WeakRef<Socket>[] = [];
  const one = async (error: Error | undefined) => {
    const createConnection = () => {
      const socket = net.connect(site.port, '127.0.0.1').on('error', () => undefined);
      socket.destroy(error);
      handed.push(new WeakRef(socket));
      return socket;
    };
    const { error: caught } = await get(site, Object.assign(new http.Agent({ keepAlive: true }), { createConnection }));
    assert.ok(caught);
  };
  for (let i = 0; i < 20; i += 1) await one(i % 2 === 0 ? undefined : new Error('blocked by policy'));
  assert.equal(await openNow(site), 0);
  await forgotten(handed);
});

test('a class of sockets with a destroy of its own: what ended unseen is swept when metrics are collected', async () => {
  const site = await open();
  const handed: WeakRef<Socket>[] = [];
  class Own extends net.Socket {
    override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
      // Only the handle is closed; Node's own part is left out.
      (Reflect.get(this, '_handle') as { close(): void } | null)?.close();
      Reflect.set(this, '_handle', null);
      done(error);
    }
  }
  const createConnection = () => {
    const socket = new Own().connect(site.port, '127.0.0.1');
    handed.push(new WeakRef(socket));
    return socket;
  };
  const one = async () => {
    const agent = Object.assign(new http.Agent({ keepAlive: true }), { createConnection });
    await get(site, agent);
    assert.equal(await openNow(site), 1);
    handed.at(-1)?.deref()?.destroy();
    assert.equal(await openNow(site), 0);
  };
  for (let i = 0; i < 10; i += 1) await one();
  assert.equal(total(await meter.series(site.port), 'socket.closes'), 10);
  await forgotten(handed);
});

/** What is remembered of a socket never keeps it: it goes once the program forgets it, all but the last ones perhaps. */
async function forgotten(sockets: readonly WeakRef<Socket>[]): Promise<void> {
  for (let i = 0; i < 8; i += 1) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    collect();
  }
  const kept = sockets.filter((socket) => socket.deref() !== undefined).length;
  assert.ok(kept <= 3, `${kept} of ${sockets.length} are kept`);
}

test("without Node's async resource a peer's FIN does not become a closing of our own", async () => {
  const { executionAsyncResource } = async_hooks;
  async_hooks.executionAsyncResource = () => ({});
  after(() => {
    async_hooks.executionAsyncResource = executionAsyncResource;
  });
  const site = await open();
  const agent = new http.Agent({ keepAlive: true });
  await get(site, agent);
  for (const socket of site.sockets) socket.end();
  while (Object.keys(agent.freeSockets).length > 0) await new Promise(setImmediate);
  async_hooks.executionAsyncResource = executionAsyncResource;
  const series = await meter.series(site.port);
  assert.equal(total(series, 'socket.closes', { 'http.connection.state': 'idle' }), 1);
  assert.equal(total(series, 'socket.closes', { 'socket.close.initiator': 'local' }), 0);
});

const closes = (by: string) => ({ 'http.connection.state': 'idle', 'socket.close.initiator': by });

async function isOwnClosing(end: (socket: Socket) => void, site: Site): Promise<void> {
  const agent = new http.Agent({ keepAlive: true });
  await get(site, agent);
  const free = Object.values(agent.freeSockets)[0]?.[0];
  assert.ok(free !== undefined);
  setImmediate(() => end(free));
  await new Promise((resolve) => free.once('close', resolve));
  const series = await meter.series(site.port);
  assert.equal(total(series, 'socket.closes', closes('local')), 1);
  assert.equal(total(series, 'socket.closes', closes('remote')), 0);
}

test('an idle connection that the program destroys is its own closing', async () => {
  await isOwnClosing((socket) => socket.destroy(), await open());
});

for (const [how, answer] of Object.entries(ANSWERS))
  test(`an idle connection that the program ends is its own closing, although the peer answers by ${how}`, async () => {
    const server = net.createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
      socket.on('end', () => answer(socket));
    });
    const port = await listen(server);
    after(() => server.close());
    await isOwnClosing((socket) => socket.end(), { port, sockets: new Set() });
  });

test('clocks that a test library fakes for a while make no idle age of years', async () => {
  const site = await open();
  const agent = new http.Agent({ keepAlive: true });
  after(() => agent.destroy());
  await get(site, agent);
  const [{ now: date }, { now }] = [Date, performance];
  Date.now = () => 0;
  performance.now = () => 0;
  await get(site, agent);
  Date.now = date;
  performance.now = now;
  const span = await clientSpan(() => get(site, agent));
  assert.equal(span.attributes['socket.reuse_count'], 2);
  assert.ok(Number(span.attributes['socket.idle_ms']) < performance.now());
});
