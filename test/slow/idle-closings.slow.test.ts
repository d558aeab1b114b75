import assert from 'node:assert/strict';
import http from 'node:http';
import type { Socket } from 'node:net';
import { after, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { SocketInstrumentation } from '../../src/index';
import { listen } from '../support/fresh-port';
import { TestMeter } from '../support/metric-reader';
import { exchange } from '../support/peer';

const meter = new TestMeter();
const instrumentation = new SocketInstrumentation();
instrumentation.setMeterProvider(meter.provider);
after(() => instrumentation.disable());

// TCP probes give a silent path up after 11 s: at that age a FIN is a FIN all the same.
test('servers that close idle connections after 10, 11 and 13 s are seen to close them', async () => {
  const ports = await Promise.all(
    [9_000, 10_000, 12_000].map(async (keepAliveTimeout) => {
      const server = http.createServer((_, response) => response.end('ok'));
      server.keepAliveTimeout = keepAliveTimeout;
      const port = await listen(server);
      after(() => server.close());
      const agent = new http.Agent({ keepAlive: true });
      await exchange({ port, secure: false }, '/', { agent });
      return { port, agent };
    }),
  );
  const isOpen = () => ports.some(({ agent }) => Object.keys(agent.freeSockets).length > 0);
  for (const giveUp = Date.now() + 30_000; isOpen() && Date.now() < giveUp; ) await wait(50);
  for (const { port } of ports) {
    const closes = (await meter.series(port)).filter(({ name, value }) => name === 'socket.closes' && value > 0);
    const told = closes.map(({ attributes: a }) => `${a['http.connection.state']} ${a['socket.close.initiator']}`);
    assert.deepEqual(told, ['idle remote']);
  }
});

/** The idle timeouts, in s, that are observed of a server that resets connections after 1.01 s without a packet. */
async function observedOfResets(keepAliveMsecs: number): Promise<number[]> {
  const reset = (socket: Socket) => void setTimeout(() => socket.resetAndDestroy(), 1_010);
  const server = http.createServer({ keepAliveTimeout: 0 }, ({ socket }, response) =>
    response.end('ok', () => reset(socket)),
  );
  const port = await listen(server);
  after(() => server.close());
  const agent = new http.Agent({ keepAlive: true, keepAliveMsecs });
  for (let i = 0; i < 4; i += 1) {
    await exchange({ port, secure: false }, '/', { agent });
    while (Object.keys(agent.freeSockets).length > 0) await wait(20);
    await wait(1_100);
  }
  const series = (await meter.series(port)).filter(({ name }) => name === 'socket.peer_timeout');
  return series.map(({ value }) => value);
}

test("resets when TCP's own probe was due teach no idle timeout: the connection may have been lost at any time", async () => {
  const [probed, unprobed] = await Promise.all([observedOfResets(1_000), observedOfResets(30_000)]);
  assert.deepEqual(probed, []);
  assert.equal(unprobed.length, 1);
  assert.ok(Math.abs((unprobed[0] ?? 0) - 1.01) < 0.1, String(unprobed));
});
