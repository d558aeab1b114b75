import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpanKind } from '@opentelemetry/api';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { SocketInstrumentation, socketFailureOf } from '../../../src/index';
import { closedPort } from '../../support/fresh-port';
import { spansOf, startSdk } from '../../support/sdk';
import { startShop } from '../../support/shop';
import { COPIES, type Dispatcher, type Undici } from '../../support/undici-copies';
import { startHttp2Server } from '../endings/http2-server';

process.removeAllListeners('warning');
startSdk();
new SocketInstrumentation({ detail: 'full' });
new UndiciInstrumentation();

/**
 * The handler of `fetch` does not show that its signal was aborted; and after an await nothing shows whether a timer was
 * behind it.
 */
const ENDED = {
  request: ['local_abort', 'client_cancelled', 'possible'],
  fetch: ['other', 'unknown', 'possible'],
} as const;

type WithProxy = Undici & { readonly ProxyAgent: new (uri: string) => Dispatcher };

for (const { name, copy } of COPIES) {
  const { Agent, ProxyAgent } = copy as WithProxy;

  /**
   * The POST that `start` sends is in flight at a healthy server when another request is refused, and the program ends
   * it at once with the error of that one.
   */
  const endedWith = async (
    refusedBy: (url: string) => Dispatcher,
    start: (onPost: () => void) => Promise<string>,
    way: 'request' | 'fetch',
  ) => {
    const closed = `http://127.0.0.1:${await closedPort()}`;
    const controller = new AbortController();
    const other = refusedBy(closed);
    const url = await start(() => {
      copy.request(closed, { dispatcher: other }).catch((error: unknown) => controller.abort(error));
    });
    const dispatcher = new Agent({ allowH2: true, connect: { rejectUnauthorized: false } });
    const options = { dispatcher, method: 'POST', body: 'order', signal: controller.signal };
    let error: unknown;
    const spans = await spansOf(SpanKind.CLIENT, 2, () =>
      copy[way](url, options).catch((reason: unknown) => {
        error = reason;
      }),
    );
    void Promise.all([dispatcher.destroy(), other.destroy()]);
    const post = spans.find(({ attributes }) => attributes['http.request.method'] === 'POST')?.attributes ?? {};
    assert.notEqual(post['socket.failure.retry_safe'], true);
    assert.equal(socketFailureOf(error)?.retrySafe, false);
    return ['kind', 'cause', 'confidence', 'initiator', 'sent'].map((key) => post[`socket.failure.${key}`]);
  };

  for (const [what, refusedBy] of [
    ['a server', () => new Agent()],
    ['a proxy', (url: string) => new ProxyAgent(url)],
  ] as const) {
    for (const way of ['request', 'fetch'] as const) {
      test(`${name}: a POST that ends with the refusal of ${what} was not refused itself: ${way}`, async () => {
        const start = async (onPost: () => void) => (await startShop(onPost)).url;
        const told = await endedWith(refusedBy, start, way);
        assert.deepEqual(told, [...ENDED[way], 'local', 'full']);
      });

      test(`${name}: a POST over HTTP/2 that ends with the refusal of ${what} was not refused itself: ${way}`, async () => {
        const start = async (onPost: () => void) => (await startHttp2Server(onPost)).url;
        const [kind, cause, confidence] = await endedWith(refusedBy, start, way);
        assert.deepEqual([kind, cause, confidence], ENDED[way]);
      });
    }
  }
}
