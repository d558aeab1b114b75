import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import type net from 'node:net';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { SocketInstrumentation } from '../../src/index';
import { TestMeter } from '../support/metric-reader';

test('a connection that was upgraded is in no pool, and has no idle timeout', async () => {
  const meter = new TestMeter();
  meter.setGlobal();
  const instrumentation = new SocketInstrumentation();
  const server = http.createServer((_, response) => response.end('ok'));
  server.on('upgrade', (_, socket) => {
    socket.on('error', () => undefined);
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const agent = new http.Agent({ keepAlive: true });
  const headers = { connection: 'Upgrade', upgrade: 'echo' };
  const [, socket] = (await once(http.get({ port, agent, headers }), 'upgrade')) as [unknown, net.Socket];
  const limits = (await meter.series(port)).filter(({ name }) => name.endsWith('_timeout'));
  assert.deepEqual(limits, []);
  socket.destroy();
  agent.destroy();
  server.close();
  instrumentation.disable();
});
