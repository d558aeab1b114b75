import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { SpanKind } from '@opentelemetry/api';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { SocketInstrumentation } from '../../../src/index';
import { spansOf, startSdk } from '../../support/sdk';
import { startShop } from '../../support/shop';
import { COPIES, type Options } from '../../support/undici-copies';

process.removeAllListeners('warning');
startSdk();
new SocketInstrumentation();
new UndiciInstrumentation();

/** Reasons that programs give to signals which they abort after some time. */
const REASONS = [
  ['an error', () => new Error('deadline')],
  ['an error with a code', () => Object.assign(new Error('too slow'), { code: 'TOO_SLOW' })],
  ['a text', () => 'too slow'],
  ['an object', () => ({ after: 20 })],
] as const;

/** Half of a body, and the rest never. */
const stalled = () =>
  Readable.from(
    (async function* () {
      yield 'order';
      await new Promise(() => undefined);
    })(),
  );

for (const { name, copy } of COPIES) {
  const { Agent } = copy;

  const endOf = async (url: string, way: 'request' | 'fetch', options: Options, make: object = {}) => {
    const dispatcher = new Agent(make);
    const spans = await spansOf(SpanKind.CLIENT, 1, () =>
      copy[way](url, { dispatcher, method: 'POST', ...options }).catch(() => undefined),
    );
    void dispatcher.destroy();
    return (key: string) => spans[0]?.attributes[`socket.failure.${key}`];
  };

  for (const way of ['request', 'fetch'] as const) {
    for (const [what, make] of REASONS) {
      for (const [which, body] of [
        ['a POST', () => 'order'],
        ['an upload', stalled],
      ] as const) {
        test(`${name}: ${which} by ${way} that a timer of the program ends with ${what} may have met a deadline`, async () => {
          const controller = new AbortController();
          const { url } = await startShop(() => setTimeout(() => controller.abort(make()), 20));
          const of = await endOf(url, way, { body: body(), signal: controller.signal, duplex: 'half' } as Options);
          assert.equal(of('confidence'), 'possible');
          assert.equal(of('retry_safe'), false);
        });
      }
    }

    test(`${name}: a look-up that fails with the error of its own connection ends a request by ${way} that nobody gave up`, async () => {
      const lost = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', errno: -104, syscall: 'read' });
      const lookup = (_host: string, _options: object, callback: (error: Error) => void) =>
        setImmediate(callback, lost);
      const of = await endOf('http://api.invalid/order', way, { body: 'order' }, { connect: { lookup } });
      assert.deepEqual([of('kind'), of('cause'), of('initiator')], ['other', 'unknown', 'unknown']);
      assert.deepEqual([of('sent'), of('retry_safe')], ['none', true]);
    });
  }
}
