import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { SpanKind } from '@opentelemetry/api';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { SocketInstrumentation, socketFailureOf } from '../../../src/index';
import { spansOf, startSdk } from '../../support/sdk';
import { startShop } from '../../support/shop';
import { COPIES, type Dispatcher } from '../../support/undici-copies';
import { startHttp2Server } from '../endings/http2-server';

process.removeAllListeners('warning');
startSdk();
new SocketInstrumentation();
new UndiciInstrumentation();

const errorOf = (members: object) => Object.assign(new Error('of something else'), members);

/** Errors of something else that the program was using: a database, another request, a file. */
const FOREIGN = [
  ['a reset', () => errorOf({ code: 'ECONNRESET', errno: -104, syscall: 'read' })],
  ['a broken pipe', () => errorOf({ code: 'EPIPE', errno: -32, syscall: 'write' })],
  ['an unreachable peer', () => errorOf({ code: 'ENETUNREACH', errno: -101, syscall: 'write' })],
  ['a TLS failure', () => errorOf({ code: 'ERR_SSL_WRONG_VERSION_NUMBER' })],
  ['a parser error', () => errorOf({ code: 'HPE_INVALID_CONSTANT' })],
  ['another client that was destroyed', () => errorOf({ code: 'UND_ERR_DESTROYED' })],
  ['a body of another request', () => errorOf({ code: 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH' })],
] as const;

/** A source that gives a few bytes and then fails. */
const failing = (error: unknown) =>
  Readable.from(
    (async function* () {
      yield 'order';
      await new Promise((resolve) => setTimeout(resolve, 30));
      throw error;
    })(),
  );

for (const { name, copy } of COPIES) {
  const { Agent } = copy;

  /** How a POST ended, and the error that its caller got. */
  const endOf = async (send: (dispatcher: Dispatcher) => Promise<unknown>) => {
    const dispatcher = new Agent({ allowH2: true, connect: { rejectUnauthorized: false } });
    let error: unknown;
    const spans = await spansOf(SpanKind.CLIENT, 1, () =>
      send(dispatcher).catch((reason: unknown) => {
        error = reason;
      }),
    );
    void dispatcher.destroy();
    const of = spans[0]?.attributes ?? {};
    return { error, of: (key: string) => of[`socket.failure.${key}`] };
  };

  for (const [where, start] of [
    ['HTTP/1.1', async (onPost: () => void) => (await startShop(onPost)).url],
    ['HTTP/2', async (onPost: () => void) => (await startHttp2Server(onPost)).url],
  ] as const) {
    for (const way of ['request', 'fetch'] as const) {
      for (const [what, make] of FOREIGN) {
        test(`${name}: a POST by ${way} over ${where} that the program ends with ${what} was ended here`, async () => {
          const controller = new AbortController();
          const url = await start(() => setTimeout(() => setImmediate(() => controller.abort(make())), 20));
          const { error, of } = await endOf((dispatcher) =>
            copy[way](url, { dispatcher, method: 'POST', body: 'order', signal: controller.signal }),
          );
          assert.notEqual(of('initiator'), 'remote');
          assert.notEqual(of('sent'), 'partial');
          assert.equal(of('retry_safe'), false);
          if (of('confidence') === 'certain') assert.equal(of('cause'), 'client_cancelled');
          assert.notEqual(socketFailureOf(error)?.retrySafe, true);
        });
      }
    }

    for (const [what, make] of FOREIGN) {
      test(`${name}: the source of a body over ${where} that fails with ${what} is not the peer`, async () => {
        const url = await start(() => undefined);
        const { of } = await endOf((dispatcher) =>
          copy.request(url, { dispatcher, method: 'POST', body: failing(make()) }),
        );
        assert.deepEqual([of('initiator'), of('cause'), of('retry_safe')], ['local', 'request_incomplete', false]);
      });
    }
  }

  for (const [what, make] of [
    ['a deadline', () => new DOMException('The operation was aborted due to timeout', 'TimeoutError')],
    ['a cancellation', () => new DOMException('This operation was aborted', 'AbortError')],
  ] as const) {
    test(`${name}: ${what} of the source of a body is none of the request`, async () => {
      const { url } = await startShop(() => undefined);
      const send = (body: object) => (dispatcher: Dispatcher) =>
        copy.request(url, { dispatcher, method: 'POST', body } as never);
      const { of } = await endOf(send(failing(make())));
      assert.deepEqual([of('cause'), of('initiator')], ['request_incomplete', 'local']);
    });
  }
}
