import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { PassThrough } from 'node:stream';
import { after, test } from 'node:test';
import { SpanKind } from '@opentelemetry/api';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { SocketInstrumentation, socketFailureOf } from '../../../src/index';
import { listen } from '../../support/fresh-port';
import { spansOf, startSdk } from '../../support/sdk';
import { startShop } from '../../support/shop';
import { COPIES } from '../../support/undici-copies';

process.removeAllListeners('warning');
startSdk();
new SocketInstrumentation();
new UndiciInstrumentation();

/** A server whose client resets its connection: the error of that socket, which is observed too. */
async function lostClient(): Promise<{ readonly lost: Promise<Error> }> {
  const server = http.createServer();
  const port = await listen(server);
  const client = net.connect(port, '127.0.0.1', () =>
    client.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n'),
  );
  after(() => server.close());
  const [request] = (await once(server, 'request')) as [http.IncomingMessage];
  request.on('error', () => undefined);
  const lost = new Promise<Error>((resolve) => request.socket.once('error', resolve));
  setTimeout(() => client.resetAndDestroy(), 40);
  return { lost };
}

for (const { name, copy } of COPIES)
  test(`${name}: an upload that ends with the error of a server's connection says nothing of what else that ended`, async () => {
    const { url } = await startShop();
    const dispatcher = new copy.Agent();
    const body = new PassThrough();
    body.write('order');
    let error: Error | undefined;
    await spansOf(SpanKind.CLIENT, 1, async () => {
      const { lost } = await lostClient();
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
