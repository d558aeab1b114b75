import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import { after, test } from 'node:test';
import { SocketInstrumentation } from '../../src/index';
import { listen } from '../support/fresh-port';

const instrumentation = new SocketInstrumentation();
after(() => instrumentation.disable());

/** CPU time that it takes to queue requests to so many origins in one agent, ms. */
function queue(count: number, port: number): number {
  const agent = new http.Agent({ maxTotalSockets: 1 });
  const began = process.cpuUsage();
  for (let i = 0; i < count; i += 1) {
    const host = `127.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`;
    http.get({ host, port, agent }).on('error', () => undefined);
  }
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1_000;
}

test('queueing a request does not cost more with each origin that waits', async () => {
  const port = await listen(net.createServer(() => undefined));
  queue(500, port);
  const few = Math.max(queue(2_000, port), queue(2_000, port));
  const many = queue(8_000, port);
  assert.ok(many < 8 * few, `${Math.round(few)} ms for 2,000, ${Math.round(many)} ms for 8,000`);
  process.exit(process.exitCode ?? 0);
});
