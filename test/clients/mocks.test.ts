import assert from 'node:assert/strict';
import http from 'node:http';
import { after, afterEach, test } from 'node:test';
import { SpanKind } from '@opentelemetry/api';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { HttpResponse, http as mockHttp } from 'msw';
import { setupServer } from 'msw/node';
import nock from 'nock';
import { socketFailureOf } from '../../src/index';
import { ended } from '../support/sdk';
import { startPeer } from '../support/verdict';

new UndiciInstrumentation();

const URL = 'http://mocked.test/greeting';

/** What the program gets: the status and the body, or the error. */
type Outcome = readonly [status: number, body: string] | { readonly error: unknown };
type Get = (url: string) => Promise<Outcome>;

const byHttp: Get = (url) =>
  new Promise((resolve) => {
    const request = http.request(url, { method: 'POST' }, async (response) => {
      let body = '';
      for await (const part of response) body += String(part);
      resolve([response.statusCode ?? 0, body]);
    });
    request.on('error', (error) => resolve({ error })).end('order');
  });

const byFetch: Get = (url) =>
  fetch(url, { method: 'POST', body: 'order' }).then(
    async (response) => [response.status, await response.text()] as const,
    (error: unknown) => ({ error }),
  );

/** A library that answers in place of the network. */
interface Mock {
  readonly start: () => void;
  readonly stop: () => void;
  readonly answer: (status: number, body: string) => void;
  /** The request fails with an error of the network, as the library makes it. */
  readonly fail: () => void;
}

const server = setupServer();
const MOCKS: Readonly<Record<string, Mock>> = {
  nock: {
    start: () => nock.activate(),
    stop: () => nock.restore(),
    answer: (status, body) => void nock('http://mocked.test').post('/greeting').reply(status, body),
    fail: () =>
      void nock('http://mocked.test')
        .post('/greeting')
        .replyWithError(Object.assign(new Error('made up'), { code: 'ECONNRESET', syscall: 'read' })),
  },
  msw: {
    start: () => server.listen({ onUnhandledRequest: 'bypass' }),
    stop: () => server.close(),
    answer: (status, body) => server.use(mockHttp.post(URL, () => new HttpResponse(body, { status }), { once: true })),
    fail: () => server.use(mockHttp.post(URL, () => HttpResponse.error(), { once: true })),
  },
};

// Node's `http` is patched by each of them: one at a time.
nock.restore();
afterEach(() => nock.cleanAll());

for (const [name, mock] of Object.entries(MOCKS)) {
  for (const [client, get] of [
    ['http', byHttp],
    ['fetch', byFetch],
  ] as const) {
    test(`${name}, ${client}: what it answers is no failure and has no connection; its errors prove nothing`, async () => {
      const from = ended.length;
      mock.start();
      after(mock.stop);
      try {
        for (const status of [200, 404, 503]) {
          mock.answer(status, 'hello');
          assert.deepEqual(await get(URL), [status, 'hello']);
        }
        mock.fail();
        const outcome = await get(URL);
        assert.ok('error' in outcome);
        const failure = socketFailureOf(outcome.error);
        assert.notEqual(failure?.sent, 'none', failure?.explanation);
        assert.notEqual(failure?.retrySafe, true);
        assert.notEqual(failure?.confidence, 'certain');
        assert.ok([undefined, 'unknown'].includes(failure?.cause), failure?.cause);
      } finally {
        mock.stop();
      }
      const spans = ended.slice(from).filter(({ kind }) => kind === SpanKind.CLIENT);
      const facts = spans.flatMap(({ attributes }) =>
        Object.keys(attributes).filter((key) => /^socket\.(?!fail)/.test(key)),
      );
      assert.deepEqual(facts, []);
    });
  }

  test(`${name}: what is said of an order that it lets through to a server is true, and complete once it is stopped`, async () => {
    const peer = await startPeer();
    const drop = async () => {
      const outcome = await byHttp(`http://127.0.0.1:${peer.port}/drop-fin`);
      assert.ok('error' in outcome);
      return socketFailureOf(outcome.error);
    };
    mock.start();
    const mocked = await drop().finally(mock.stop);
    assert.equal(peer.requests, 1);
    assert.notEqual(mocked?.sent, 'none', mocked?.explanation);
    assert.notEqual(mocked?.retrySafe, true);
    assert.notEqual(mocked?.initiator, 'local');
    const failure = await drop();
    assert.equal(peer.requests, 2);
    assert.deepEqual([failure?.initiator, failure?.retrySafe], ['remote', false], failure?.explanation);
    assert.notEqual(failure?.sent, 'none');
  });
}
