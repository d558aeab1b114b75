import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { beforeEach, test } from 'node:test';
import { Connection } from '../../src/connection/connection';
import { SocketInstrumentation } from '../../src/index';
import { Origin } from '../../src/peer/origin';
import { MetricReporter } from '../../src/report/metrics';
import { Tallies } from '../../src/report/tally';
import { TestMeter } from '../support/metric-reader';
import { exchange } from '../support/peer';
import { COPIES } from '../support/undici-copies';

const MINUTE = 60_000;
let meter: TestMeter;
let origin: Origin;
let open: Set<Connection>;
let reporter: MetricReporter;
beforeEach(() => {
  meter = new TestMeter();
  meter.setGlobal();
  origin = new Origin('http://a:80', 'a', 80);
  open = new Set();
  const fault = (error: unknown) => {
    throw error;
  };
  reporter = new MetricReporter({ tallies: new Tallies(), open }, () => 100, fault);
});

/** The gauges as a backend has them: seconds by name, or by name and source. */
async function gauges(port = 80): Promise<Record<string, number>> {
  const found = (await meter.series(port)).filter(({ name }) => name.endsWith('_timeout'));
  return Object.fromEntries(
    found.map(({ name, attributes, value }) => [String(attributes['socket.peer_timeout_source'] ?? name), value]),
  );
}

/** A connection in the pool. */
function pooled(clientTimeoutMs: number): Connection {
  const connection = new Connection(1, 0);
  connection.origin = origin;
  connection.connected(0);
  connection.release(0, 0);
  connection.clientTimeoutMs = clientTimeoutMs;
  open.add(connection);
  reporter.opened(connection);
  return connection;
}

function close(connection: Connection, atMs: number): void {
  open.delete(connection);
  connection.close({ atMs, initiator: 'local', how: 'timer' });
  reporter.closed(connection, true);
}

const closedAfter = (idleMs: number, atMs: number) =>
  origin.closedIdle({ atMs, idleMs, lateMs: 0, ageMs: atMs, uses: atMs });

test("the peer's idle timeout is shown by each source that knows one; the smaller one holds", async () => {
  pooled(0);
  assert.deepEqual(await gauges(), { 'socket.client_timeout': 0 });
  origin.announced(75_000);
  assert.deepEqual(await gauges(), { 'socket.client_timeout': 0, announced: 75 });
  closedAfter(60_000, 2 * MINUTE);
  closedAfter(60_100, 4 * MINUTE);
  const { announced, observed } = await gauges();
  assert.deepEqual([announced, observed], [75, 60]);
  assert.equal(origin.peerTimeout()?.ms, 60_000);
});

test('an idle timeout that turned out to be none reads 0: the SDK would repeat the last value for ever', async () => {
  pooled(0);
  origin.announced(5_000);
  assert.equal((await gauges()).announced, 5);
  // Far beyond what was announced, which is void now.
  origin.succeeded(MINUTE, 50_000);
  assert.equal(origin.peerTimeout(), undefined);
  assert.deepEqual(await gauges(), { 'socket.client_timeout': 0, announced: 0 });
  closedAfter(60_000, 2 * MINUTE);
  closedAfter(60_000, 4 * MINUTE);
  assert.deepEqual(await gauges(), { 'socket.client_timeout': 0, announced: 0, observed: 60 });
  origin.succeeded(10 * MINUTE, 5 * MINUTE);
  assert.deepEqual(await gauges(), { 'socket.client_timeout': 0, announced: 0, observed: 0 });
  origin.announced(4_000);
  assert.deepEqual(await gauges(), { 'socket.client_timeout': 0, announced: 4, observed: 0 });
});

test('of several pools the longest idle timeout is shown, of those that take turns in being open, too', async () => {
  const longest = async () => (await gauges())['socket.client_timeout'];
  const [short, long] = [pooled(4_000), pooled(60_000)];
  assert.equal(await longest(), 60);
  close(long, MINUTE);
  assert.equal(await longest(), 60, 'only the short one is open now');
  close(short, 2 * MINUTE);
  assert.equal(await longest(), 60);
  close(pooled(0), 3 * MINUTE);
  close(pooled(4_000), 4 * MINUTE);
  assert.equal(await longest(), 0, 'none is the longest');
  // The pool without a limit is not used any more.
  for (let minute = 5; minute < 16; minute += 1) close(pooled(4_000), minute * MINUTE);
  assert.equal(await longest(), 4);
  pooled(9_000);
  assert.equal(await longest(), 9);
});

test('an idle timeout of connections that were closed long ago is not shown, even if none was closed since', async () => {
  close(pooled(60_000), MINUTE);
  close(pooled(4_000), 600 * MINUTE);
  assert.equal((await gauges())['socket.client_timeout'], 4);
});

test('of two origins at one host and port, such as Unix sockets, neither idle timeout is shown', async () => {
  const pool = (one: Origin) => {
    origin = one;
    pooled(4_000);
  };
  const [first, second] = ['/run/a', '/run/b'].map((path) => new Origin(`http://a:80${path}`, 'a', 80));
  assert.ok(first && second);
  pool(first);
  first.announced(5_000);
  assert.deepEqual(await gauges(), { 'socket.client_timeout': 4, announced: 5 });
  pool(second);
  pool(new Origin(first.key, 'a', 80));
  assert.deepEqual(await gauges(), { 'socket.client_timeout': 4, announced: 0 });
});

test('real pools of http and undici to one server: the longest, and what the server announces', async () => {
  const instrumentation = new SocketInstrumentation();
  const server = http.createServer((_, response) => response.setHeader('Keep-Alive', 'timeout=30').end('ok'));
  server.keepAliveTimeout = 0;
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const byHttp = async (timeout: number) => {
    const agent = new http.Agent({ keepAlive: true, timeout });
    await exchange({ port, secure: false }, '/', { agent });
    return async () => agent.destroy();
  };
  const closing: (() => Promise<void>)[] = [];
  closing.push(await byHttp(7_000));
  assert.deepEqual(await gauges(port), { 'socket.client_timeout': 7, announced: 30 });
  for (const { copy } of COPIES) {
    const dispatcher = new copy.Agent();
    await (await copy.request(`http://127.0.0.1:${port}/`, { dispatcher })).body.dump();
    closing.push(() => dispatcher.destroy());
  }
  // Gone from the pools after the announced limit less undici's margin.
  assert.deepEqual(await gauges(port), { 'socket.client_timeout': 28, announced: 30 });
  // Node's own agent goes by what is announced only if it has a limit: 30 s less a second.
  closing.push(await byHttp(90_000));
  assert.deepEqual(await gauges(port), { 'socket.client_timeout': 29, announced: 30 });
  closing.push(await byHttp(0));
  assert.deepEqual(await gauges(port), { 'socket.client_timeout': 0, announced: 30 });
  for (const done of closing) await done();
  assert.deepEqual(await gauges(port), { 'socket.client_timeout': 0, announced: 30 });
  server.close();
  instrumentation.disable();
});

test('an idle timeout that a real server never announced is observed from its closings', async () => {
  const instrumentation = new SocketInstrumentation();
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      // The idle timeout itself, not a wait for something.
      setTimeout(() => socket.end(), 300);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const agent = new http.Agent({ keepAlive: true });
  let shown: Record<string, number> = {};
  // Two, unless this machine was too busy to see them in time.
  for (let i = 0; i < 10 && shown.observed === undefined; i += 1) {
    await exchange({ port, secure: false }, '/', { agent });
    const [socket] = Object.values(agent.freeSockets).flat();
    assert.ok(socket);
    await once(socket, 'close');
    shown = await gauges(port);
  }
  const { observed, announced } = shown;
  // A busy machine sees the answer late, and so that the connection is idle.
  assert.ok(observed !== undefined && observed >= 0.2 && observed < 0.6, String(observed));
  assert.equal(announced, undefined);
  agent.destroy();
  server.close();
  instrumentation.disable();
});
