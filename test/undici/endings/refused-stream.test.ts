import assert from 'node:assert/strict';
import { once } from 'node:events';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { after, test } from 'node:test';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { SocketInstrumentation } from '../../../src/index';
import { tlsFixture } from '../../support/root';
import { clientSpan, startSdk } from '../../support/sdk';
import { startShop } from '../../support/shop';
import { COPIES, type Undici } from '../../support/undici-copies';
import { upload } from './http2-server';

process.removeAllListeners('warning');
startSdk();
new SocketInstrumentation({ detail: 'full' });
new UndiciInstrumentation();

const { NGHTTP2_REFUSED_STREAM, NGHTTP2_ENHANCE_YOUR_CALM, NGHTTP2_INTERNAL_ERROR } = http2.constants;

type End = (stream: http2.ServerHttp2Stream) => void;

/** What the span says of a POST that ends like this over HTTP/2. */
async function toldOf(copy: Undici, end: End, body: string | Readable = 'order') {
  const server = http2.createSecureServer({ key: tlsFixture('key.pem'), cert: tlsFixture('cert.pem') });
  const sessions = new Set<http2.ServerHttp2Session>();
  server.on('session', (session) => sessions.add(session));
  server.on('stream', (stream) => {
    stream.on('error', () => undefined);
    end(stream);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  after(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const dispatcher = new copy.Agent({ allowH2: true, connect: { rejectUnauthorized: false } });
  const { attributes } = await clientSpan(() =>
    copy.request(url, { dispatcher, method: 'POST', body }).then(
      ({ body }) => body.text().catch(() => undefined),
      () => undefined,
    ),
  );
  void dispatcher.destroy();
  return (what: string) => attributes[`socket.failure.${what}`];
}

for (const { name, copy } of COPIES) {
  for (const way of ['request', 'fetch'] as const) {
    test(`${name}: a POST that the program ends with the error of a refused stream is not safe: ${way}`, async () => {
      const refused = Object.assign(new Error('refused'), { code: 'ERR_HTTP2_STREAM_ERROR', http2ErrorCode: 7 });
      const controller = new AbortController();
      const shop = await startShop(() => controller.abort(refused));
      const { attributes } = await clientSpan(() =>
        copy[way](shop.url, { method: 'POST', body: 'order', signal: controller.signal }).then(
          () => undefined,
          () => undefined,
        ),
      );
      assert.equal(shop.executed(), 1);
      assert.equal(attributes['socket.failure.retry_safe'], false);
    });
  }

  test(`${name}: an upload whose stream the peer resets was not abandoned by this process`, async () => {
    for (const code of [http2.constants.NGHTTP2_NO_ERROR, NGHTTP2_INTERNAL_ERROR, http2.constants.NGHTTP2_CANCEL]) {
      const told = await toldOf(
        copy,
        (stream) => stream.once('data', () => stream.resume().close(code)),
        upload(2_000),
      );
      assert.notEqual(told('initiator'), 'local', String(told('explanation')));
      assert.notEqual(told('retry_safe'), true);
    }
  });

  const hasField = name !== 'undici6' && name !== 'undici7';

  test(`${name}: a POST on a stream that the peer refused is not safe to repeat, and the refusal is named where it shows`, async () => {
    const told = await toldOf(copy, (stream) => stream.close(NGHTTP2_REFUSED_STREAM));
    assert.equal(told('cause'), 'unknown');
    assert.equal(told('retry_safe'), false, String(told('explanation')));
    assert.equal(/although its stream was refused/.test(String(told('explanation'))), hasField);
  });

  for (const [what, end] of [
    ['was told to calm down', (stream) => stream.close(NGHTTP2_ENHANCE_YOUR_CALM)],
    ['failed with an internal error', (stream) => stream.close(NGHTTP2_INTERNAL_ERROR)],
    ['ended with a GOAWAY', (stream) => stream.session?.goaway(NGHTTP2_INTERNAL_ERROR, 0)],
    [
      'was refused after its answer had begun',
      (stream) => {
        stream.respond({ ':status': 200 });
        stream.write('part', () => stream.close(NGHTTP2_REFUSED_STREAM));
      },
    ],
  ] as const satisfies readonly (readonly [string, End])[]) {
    test(`${name}: a POST on a stream that ${what} is not safe to repeat, nor dropped on purpose`, async () => {
      const told = await toldOf(copy, end);
      assert.notEqual(told('retry_safe'), true, String(told('explanation')));
      assert.notEqual(told('cause'), 'rejected');
      assert.notEqual(told('sent'), 'none');
    });
  }
}
