import assert from 'node:assert/strict';
import http2 from 'node:http2';
import { test } from 'node:test';
import { SpanKind } from '@opentelemetry/api';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { SocketInstrumentation } from '../../../src/index';
import { spansOf, startSdk } from '../../support/sdk';
import { COPIES } from '../../support/undici-copies';
import { targetOf } from '../../support/undici-witness';
import { startHttp2Server } from './http2-server';

process.removeAllListeners('warning');
startSdk();
new SocketInstrumentation({ detail: 'full' });
new UndiciInstrumentation();

const { NGHTTP2_INTERNAL_ERROR, NGHTTP2_ENHANCE_YOUR_CALM } = http2.constants;

for (const { name, copy } of COPIES) {
  // undici 8 lets none wait: it writes them all at once.
  if (name === 'undici8') continue;
  for (const [what, code] of [
    ['an internal error', NGHTTP2_INTERNAL_ERROR],
    ['too many requests', NGHTTP2_ENHANCE_YOUR_CALM],
  ] as const) {
    test(`${name}: a POST that waits while the peer ends the session for ${what} was not abandoned`, async () => {
      const { url, read } = await startHttp2Server(({ session }) => {
        session?.goaway(code);
        setTimeout(() => session?.destroy(), 10);
      });
      const dispatcher = new copy.Agent({ allowH2: true, connections: 1, connect: { rejectUnauthorized: false } });
      await (await copy.request(url, { dispatcher })).body.text();
      const targets = ['/a', '/b', '/c'];
      const post = (target: string) =>
        copy.request(url + target, { dispatcher, method: 'POST', body: 'order' }).catch(() => undefined);
      const spans = await spansOf(SpanKind.CLIENT, 3, () => Promise.all(targets.map(post)));
      void dispatcher.destroy();
      const waiting = spans.filter((span) => !read.includes(targetOf(span)));
      assert.equal(waiting.length, 2);
      for (const { attributes } of waiting) {
        const told = ['phase', 'cause', 'confidence', 'sent'].map((key) => attributes[`socket.failure.${key}`]);
        const why = String(attributes['socket.failure.explanation']);
        assert.deepEqual(told, ['queue', 'unknown', 'possible', 'none'], why);
        assert.notEqual(attributes['socket.failure.initiator'], 'local', why);
      }
    });
  }
}
