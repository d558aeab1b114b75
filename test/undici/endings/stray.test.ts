import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { SocketInstrumentation } from '../../../src/index';
import { clientSpan, startSdk } from '../../support/sdk';
import { startShop } from '../../support/shop';
import { COPIES } from '../../support/undici-copies';

process.removeAllListeners('warning');
startSdk();
new SocketInstrumentation({ detail: 'full' });
new UndiciInstrumentation();

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

for (const { name, copy } of COPIES) {
  test(`${name}: bytes on an idle connection, which the client then closes, teach no idle timeout of the peer`, async () => {
    const sockets: Socket[] = [];
    const shop = await startShop((socket) => {
      sockets.push(socket);
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
    const dispatcher = new copy.Agent();
    const send = () => clientSpan(async () => (await copy.request(`${shop.url}/order`, { dispatcher })).body.text());
    for (let i = 0; i < 3; i += 1) {
      const { attributes } = await send();
      assert.equal(attributes['socket.reused'], false, 'the last connection was closed');
      assert.equal(attributes['socket.peer_timeout_ms'], undefined);
      await pause(150);
      sockets.at(-1)?.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      await pause(50);
    }
    await dispatcher.destroy();
  });
}
