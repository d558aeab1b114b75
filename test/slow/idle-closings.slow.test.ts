import assert from 'node:assert/strict';
import http from 'node:http';
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
