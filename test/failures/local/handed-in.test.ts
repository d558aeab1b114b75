import assert from 'node:assert/strict';
import type { ClientRequest } from 'node:http';
import { test } from 'node:test';
import { SpanKind } from '@opentelemetry/api';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { socketFailureOf } from '../../../src/index';
import { spansOf } from '../../support/sdk';
import { CLIENTS } from '../../support/undici-copies';
import { send, startPeer } from '../../support/verdict';

process.removeAllListeners('warning');
new UndiciInstrumentation();

/** Errors of something else, such as a database: its operation may have been executed. */
const FOREIGN: Record<string, () => Error> = {
  'a code of its own': () => Object.assign(new Error('canceling statement'), { code: '57014' }),
  'the code of a timeout': () => Object.assign(new Error('terminated'), { code: 'ETIMEDOUT' }),
  'the code of a reset': () => Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' }),
  'a refusal': () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' }),
  'the name of a deadline': () => Object.assign(new Error('acquiring a connection'), { name: 'TimeoutError' }),
};

type Attempt = (url: { readonly port: number }, signal: AbortSignal) => Promise<unknown>;

const byHttp: Record<string, Attempt> = {
  'http, signal': (peer, signal) => send({ ...peer, secure: false }, '/hang', { signal }),
  'http, destroy': (peer, signal) => {
    const tap = (request: ClientRequest) => {
      signal.addEventListener('abort', () => request.destroy(signal.reason));
    };
    return send({ ...peer, secure: false }, '/hang', { tap });
  },
};
const byUndici = Object.fromEntries(
  CLIENTS.map((client): [string, Attempt] => [
    client.name,
    ({ port }, signal) => client.send(`http://127.0.0.1:${port}/hang`, { signal }).catch(() => undefined),
  ]),
);

for (const [name, attempt] of Object.entries({ ...byHttp, ...byUndici }))
  for (const [what, make] of Object.entries(FOREIGN))
    test(`${name}: a GET that ends because something else failed, with ${what}, tells nobody to repeat that`, async () => {
      const peer = await startPeer();
      const error = make();
      const [span] = await spansOf(SpanKind.CLIENT, 1, () => {
        const controller = new AbortController();
        setTimeout(() => setImmediate(() => controller.abort(error)), 50);
        return attempt(peer, controller.signal);
      });
      const { retrySafe, confidence } = socketFailureOf(error) ?? {};
      assert.notEqual(retrySafe, true);
      assert.notEqual(span?.attributes['socket.failure.retry_safe'], true);
      if (confidence === 'certain') assert.equal(span?.attributes['socket.failure.cause'], 'client_cancelled');
    });
