import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { after, test } from 'node:test';
import { SpanKind } from '@opentelemetry/api';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { SocketInstrumentation } from '../../../src/index';
import { listen } from '../../support/fresh-port';
import { spansOf, startSdk } from '../../support/sdk';
import { COPIES } from '../../support/undici-copies';

process.removeAllListeners('warning');
startSdk();
new SocketInstrumentation({ detail: 'full' });
new UndiciInstrumentation();

const SLOW_MS = 60;

for (const { name, copy } of COPIES) {
  const { Agent } = copy;

  test(`${name}: a request that waits for its own connection does not wait for the requests of another pool`, async () => {
    const held: http.ServerResponse[] = [];
    const server = http.createServer((request, response) => {
      if (request.url === '/held') held.push(response);
      else response.end('ok');
    });
    const port = await listen(server);
    after(() => server.close().closeAllConnections());
    const url = `http://127.0.0.1:${port}`;
    /** It connects only after a while, or never. */
    const slow = (ms: number) => (_: unknown, done: (error: Error | null, socket?: net.Socket) => void) => {
      const connect = () => {
        const socket = net.connect(port, '127.0.0.1', () => done(null, socket));
      };
      if (ms < Number.POSITIVE_INFINITY) setTimeout(connect, ms);
    };
    const [other, late, never] = [undefined, SLOW_MS, Number.POSITIVE_INFINITY].map(
      (ms) => new Agent(ms === undefined ? {} : { connect: slow(ms) }),
    );
    assert.ok(other && late && never);
    const spans = await spansOf(SpanKind.CLIENT, 3, async () => {
      const arrived = once(server, 'request');
      const holding = copy.request(`${url}/held`, { dispatcher: other });
      await arrived;
      const waiting = copy.request(`${url}/waiting`, { dispatcher: never }).catch(() => undefined);
      const found = copy.request(`${url}/found`, { dispatcher: late });
      await new Promise((resolve) => setTimeout(resolve, SLOW_MS / 2));
      for (const response of held) response.end('ok');
      await (await holding).body.text();
      await never.destroy();
      await (await found).body.text();
      await waiting;
    });
    const at = (path: string) => spans.find(({ attributes }) => attributes['url.path'] === path)?.attributes ?? {};
    assert.equal(at('/found')['socket.reuse_count'], 0);
    assert.equal(at('/found')['socket.queue_ms'], undefined);
    assert.equal(
      at('/waiting')['socket.failure.phase'],
      'connect',
      String(at('/waiting')['socket.failure.explanation']),
    );
    await Promise.all([other.close(), late.close()]);
  });
}
