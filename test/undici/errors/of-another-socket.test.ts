import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import { PassThrough } from 'node:stream';
import { after, test } from 'node:test';
import { SpanKind } from '@opentelemetry/api';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { SocketInstrumentation, socketFailureOf } from '../../../src/index';
import { startUpload } from '../../server/upload';
import { listen } from '../../support/fresh-port';
import { spansOf, startSdk } from '../../support/sdk';
import { startShop } from '../../support/shop';
import { COPIES } from '../../support/undici-copies';

process.removeAllListeners('warning');
startSdk();
new SocketInstrumentation();
new UndiciInstrumentation();

for (const { name, copy } of COPIES)
  test(`${name}: an upload that ends with the error of a server's connection says nothing of what else that ended`, async () => {
    const { url } = await startShop();
    const dispatcher = new copy.Agent();
    const body = new PassThrough();
    body.write('order');
    let error: Error | undefined;
    await spansOf(SpanKind.CLIENT, 1, async () => {
      const { client, incoming } = await startUpload();
      incoming.on('error', () => undefined);
      const lost = new Promise<Error>((resolve) => incoming.socket.once('error', resolve));
      setTimeout(() => client.resetAndDestroy(), 40);
      const put = copy.request(url, { dispatcher, method: 'PUT', body }).catch(() => undefined);
      error = await lost;
      body.destroy(error);
      await put;
    });
    void dispatcher.destroy();
    assert.equal(socketFailureOf(error)?.retrySafe, false);
  });

for (const { name, copy } of COPIES)
  for (const way of ['its body', 'its dispatcher'] as const)
    test(`${name}: an upload that ends, by ${way}, with what a server could not parse says nothing of what else that ended`, async () => {
      const { url } = await startShop();
      const dispatcher = new copy.Agent();
      const body = new PassThrough();
      body.on('error', () => undefined);
      const server = http.createServer((request) => request.on('error', () => undefined));
      const port = await listen(server);
      after(() => server.close());
      const refused = new Promise<Error>((resolve) =>
        server.once('clientError', (reason, socket) => {
          socket.destroy();
          resolve(reason);
        }),
      );
      let error: Error | undefined;
      const [span] = await spansOf(SpanKind.CLIENT, 1, async () => {
        const put = copy.request(url, { dispatcher, method: 'PUT', body }).catch(() => undefined);
        body.write('order');
        setTimeout(
          () =>
            net
              .connect(port, '127.0.0.1')
              .on('error', () => undefined)
              .end('nonsense\r\n\r\n'),
          40,
        );
        error = await refused;
        if (way === 'its body') body.destroy(error);
        else void dispatcher.destroy(error);
        await put;
      });
      void dispatcher.destroy();
      assert.equal(socketFailureOf(error)?.retrySafe, false);
      assert.equal(span?.attributes['socket.failure.initiator'], 'local');
    });
