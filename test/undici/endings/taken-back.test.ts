import assert from 'node:assert/strict';
import { once } from 'node:events';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { SocketInstrumentation } from '../../../src/index';
import { tlsFixture } from '../../support/root';
import { clientSpan, startSdk } from '../../support/sdk';
import { COPIES } from '../../support/undici-copies';

process.removeAllListeners('warning');
startSdk();
new SocketInstrumentation();
new UndiciInstrumentation();

/** A server that answers the first request, and at the second goes away: it processed the first only. */
async function startLeavingServer(): Promise<string> {
  const server = http2.createSecureServer({ key: tlsFixture('key.pem'), cert: tlsFixture('cert.pem') });
  server.on('stream', (stream, { ':path': target }) => {
    stream.on('error', () => undefined);
    if (target === '/first') {
      stream.respond({ ':status': 200 });
      stream.end('ok');
      return;
    }
    const { session } = stream;
    server.close();
    session?.goaway(http2.constants.NGHTTP2_NO_ERROR, (stream.id ?? 2) - 2);
    after(() => session?.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

for (const { name, copy } of COPIES) {
  test(`${name}: this process did not end a request that cannot be sent again after a GOAWAY`, async () => {
    const url = await startLeavingServer();
    const dispatcher = new copy.Agent({ allowH2: true, connect: { rejectUnauthorized: false } });
    after(() => dispatcher.destroy());
    await (await copy.request(`${url}/first`, { dispatcher })).body.text();
    const { attributes } = await clientSpan(() =>
      copy.request(`${url}/second`, { dispatcher, method: 'POST', body: 'order' }).catch(() => undefined),
    );
    assert.notEqual(attributes['socket.failure.initiator'], 'local', String(attributes['socket.failure.explanation']));
    assert.equal(attributes['socket.failure.confidence'], 'possible');
    assert.equal(attributes['socket.failure.retry_safe'], false);
  });
}
