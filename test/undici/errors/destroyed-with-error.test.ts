import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SpanKind } from '@opentelemetry/api';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { SocketInstrumentation, socketFailureOf } from '../../../src/index';
import { closedPort } from '../../support/fresh-port';
import { spansOf, startSdk } from '../../support/sdk';
import { startShop } from '../../support/shop';
import { COPIES, type Dispatcher } from '../../support/undici-copies';

process.removeAllListeners('warning');
startSdk();
new SocketInstrumentation({ detail: 'full' });
new UndiciInstrumentation();

const ENDS: Record<string, (socket: Socket) => void> = {
  'was reset': (socket) => socket.resetAndDestroy(),
  'was closed': (socket) => socket.end(),
};

const FOREIGN = [
  ['an error without a code', {}],
  ['a code of its own', { code: 'P2002' }],
  ['a reset', { code: 'ECONNRESET', errno: -104, syscall: 'read' }],
  ['a TLS failure', { code: 'ERR_SSL_SSLV3_ALERT_BAD_RECORD_MAC' }],
  ['what a server could not parse', { code: 'HPE_INVALID_METHOD' }],
  ['a failed TLS write', { code: 'EPROTO', errno: -71, syscall: 'write' }],
] as const;

for (const { name, copy } of COPIES) {
  const { Agent, Client } = copy;

  /** The first request, a GET, fails; the program then destroys the dispatcher with its error, while a POST waits. */
  const waiting = async (dispatcher: Dispatcher, first: string, second: string) => {
    const error: unknown[] = [];
    const spans = await spansOf(SpanKind.CLIENT, 2, async () => {
      const get = copy.request(first, { dispatcher }).catch((reason: unknown) => dispatcher.destroy(reason as Error));
      const post = copy.request(second, { dispatcher, method: 'POST', body: 'order' });
      await Promise.all([get, post.catch((reason: unknown) => error.push(reason))]);
    });
    assert.equal(error.length, 1);
    const post = spans.find(({ attributes }) => attributes['http.request.method'] === 'POST')?.attributes ?? {};
    assert.notEqual(post['socket.failure.initiator'], 'remote');
    assert.equal(post['socket.failure.kind'], 'other', String(post['socket.failure.explanation']));
    assert.equal(post['socket.failure.cause'], 'unknown', String(post['socket.failure.explanation']));
    return post;
  };

  test(`${name}: a POST whose dispatcher ends with the timeout of another request was given up, not abandoned`, async () => {
    const peer = await startShop(() => {});
    const post = await waiting(new Client(peer.url, { headersTimeout: 50 }), `${peer.url}/order`, `${peer.url}/`);
    assert.equal(post['socket.failure.sent'], 'none');
    assert.equal(post['socket.failure.retry_safe'], true);
  });

  for (const [how, end] of Object.entries(ENDS)) {
    test(`${name}: a POST that waited for a connection which ${how} was ended by this process`, async () => {
      const peer = await startShop((socket) => setTimeout(end, 10, socket));
      const post = await waiting(new Client(peer.url), `${peer.url}/order`, `${peer.url}/`);
      assert.equal(post['socket.failure.sent'], 'none');
      assert.equal(peer.executed(), 1, 'only the GET was executed');
    });
  }

  test(`${name}: a POST to a server whose dispatcher ends with the refusal of another was not refused`, async () => {
    const refused = `http://127.0.0.1:${await closedPort()}`;
    // Nobody answers there (RFC 5737).
    const post = await waiting(new Agent(), refused, 'http://192.0.2.1');
    assert.equal(post['socket.failure.sent'], 'none');
  });

  for (const [what, members] of FOREIGN)
    test(`${name}: a client that is destroyed with ${what} has ended its requests itself, sent or not`, async () => {
      const hanging = await startShop(() => setTimeout(() => void client.destroy(error), 20));
      const client = new Client(hanging.url);
      const error = Object.assign(new Error('of something else'), members);
      const spans = await spansOf(SpanKind.CLIENT, 2, () =>
        Promise.allSettled([
          copy.request(`${hanging.url}/order`, { dispatcher: client, method: 'POST', body: 'order' }),
          copy.request(hanging.url, { dispatcher: client }),
        ]),
      );
      for (const { attributes } of spans) {
        const told = String(attributes['socket.failure.explanation']);
        assert.equal(attributes['socket.failure.confidence'], 'possible', told);
        assert.equal(attributes['socket.failure.initiator'], 'local', told);
        assert.ok(['unknown', 'client_cancelled'].includes(String(attributes['socket.failure.cause'])), told);
      }
      assert.deepEqual(spans.map(({ attributes }) => attributes['socket.failure.sent']).sort(), ['full', 'none']);
      assert.equal(socketFailureOf(error)?.retrySafe, false);
    });

  for (const [what, members] of FOREIGN)
    test(`${name}: an upload whose client is destroyed with ${what} was not abandoned by its source`, async () => {
      const { url } = await startShop(() => setTimeout(() => void dispatcher.destroy(error), 20));
      const dispatcher = new Agent();
      const error = Object.assign(new Error('of something else'), members);
      const body = new Readable({ read() {} });
      body.push('order');
      const [span] = await spansOf(SpanKind.CLIENT, 1, () =>
        copy.request(url, { dispatcher, method: 'POST', body }).catch(() => undefined),
      );
      const { attributes = {} } = span ?? {};
      assert.equal(attributes['socket.failure.confidence'], 'possible');
      assert.notEqual(attributes['socket.failure.cause'], 'request_incomplete');
      assert.equal(socketFailureOf(error)?.retrySafe, false);
    });

  test(`${name}: requests whose dispatcher is destroyed with the timeout of another had no deadline`, async () => {
    const { url } = await startShop();
    const dispatcher = new Agent({ headersTimeout: 60 });
    const spans = await spansOf(SpanKind.CLIENT, 2, async () => {
      const first = copy.request(`${url}/order`, { dispatcher });
      first.catch((error: Error) => void dispatcher.destroy(error));
      await sleep(30);
      const other = { dispatcher, headersTimeout: 60_000, method: 'POST', body: 'order' } as const;
      await Promise.allSettled([first, copy.request(url, other)]);
    });
    const post = spans.find(({ attributes }) => attributes['http.request.method'] === 'POST')?.attributes ?? {};
    assert.equal(post['socket.failure.cause'], 'unknown', String(post['socket.failure.explanation']));
    assert.equal(post['socket.failure.initiator'], 'local');
  });

  test(`${name}: a request that ends with the deadline of another, through its own signal, had none for certain`, async () => {
    const { url } = await startShop();
    const group = new AbortController();
    const spans = await spansOf(SpanKind.CLIENT, 2, async () => {
      const first = copy.fetch(`${url}/order`, { signal: AbortSignal.timeout(40) });
      first.catch((reason: Error) => group.abort(reason));
      await Promise.allSettled([
        first,
        copy.fetch(`${url}/order`, { signal: group.signal, method: 'POST', body: 'x' }),
      ]);
    });
    const of = (method: string) =>
      spans.find(({ attributes }) => attributes['http.request.method'] === method)?.attributes;
    assert.equal(of('GET')?.['socket.failure.confidence'], 'certain');
    assert.equal(of('POST')?.['socket.failure.confidence'], 'possible');
  });
}
