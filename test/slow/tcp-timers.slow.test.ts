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
