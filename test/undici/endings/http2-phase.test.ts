import assert from 'node:assert/strict';
import { constants } from 'node:http2';
import { Readable } from 'node:stream';
import { after, test } from 'node:test';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { SocketInstrumentation } from '../../../src/index';
import { clientSpan, startSdk } from '../../support/sdk';
import { COPIES } from '../../support/undici-copies';
import { startHttp2Server } from './http2-server';

process.removeAllListeners('warning');
startSdk();
new SocketInstrumentation();
new UndiciInstrumentation();

for (const { name, copy } of COPIES) {
  // undici 6 does not tell what it writes on HTTP/2: that nobody saw it sent does not mean that it was not.
  test(`${name}: a deadline on HTTP/2 does not speak of an upload that the server has in full`, async () => {
    const { url, read } = await startHttp2Server(() => undefined);
    const dispatcher = new copy.Agent({ allowH2: true, connect: { rejectUnauthorized: false } });
    after(() => dispatcher.destroy());
    const options = { dispatcher, method: 'POST', body: 'order', signal: AbortSignal.timeout(300) } as const;
    const { attributes } = await clientSpan(() => copy.request(url, options).catch(() => undefined));
    assert.deepEqual(read, ['/']);
    assert.equal(attributes['socket.failure.phase'], 'wait');
    const explanation = String(attributes['socket.failure.explanation']);
    assert.match(explanation, /, before a byte of the response came\. Find what is slow /);
  });

  test(`${name}: a stream that the peer resets in its answer, during the upload, is not this process's end`, async () => {
    const { url } = await startHttp2Server((stream) => {
      stream.respond({ ':status': 200, 'content-length': 100 });
      stream.write('part');
      setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), 60);
    });
    const dispatcher = new copy.Agent({ allowH2: true, connect: { rejectUnauthorized: false } });
    after(() => dispatcher.destroy());
    const body = new Readable({ read() {} }).on('error', () => undefined);
    body.push('order');
    const { attributes } = await clientSpan(async () => {
      const response = await copy.request(url, { dispatcher, method: 'POST', body }).catch(() => undefined);
      await response?.body.text().catch(() => undefined);
    });
    const explanation = String(attributes['socket.failure.explanation']);
    assert.notEqual(attributes['socket.failure.initiator'], 'local', explanation);
    assert.notEqual(attributes['socket.failure.confidence'], 'certain', explanation);
    assert.equal(attributes['socket.failure.retry_safe'], false, explanation);
  });
}
