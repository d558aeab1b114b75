import assert from 'node:assert/strict';
import type { ClientRequest } from 'node:http';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
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

const attempts = Object.entries({ ...byHttp, ...byUndici });
for (const [name, attempt] of attempts)
  for (const [what, make] of Object.entries(FOREIGN))
    for (const isTimed of [false, true])
      test(`${name}: a GET that ${isTimed ? 'a timer ends' : 'ends because something else failed'}, with ${what}, tells nobody to repeat that`, async () => {
        const peer = await startPeer();
        const error = make();
        const [span] = await spansOf(SpanKind.CLIENT, 1, () => {
          const controller = new AbortController();
          const abort = () => controller.abort(error);
          const ended = attempt(peer, controller.signal);
          setTimeout(() => (isTimed ? abort() : setImmediate(abort)), 50);
          return ended;
        });
        const { retrySafe, confidence } = socketFailureOf(error) ?? {};
        const { 'socket.failure.cause': cause, 'socket.failure.retry_safe': spans } = span?.attributes ?? {};
        assert.notEqual(retrySafe, true);
        // The request itself may be repeated after its deadline.
        assert.equal(spans, isTimed && cause === 'client_timeout');
        if (confidence === 'certain' && !isTimed) assert.equal(cause, 'client_cancelled');
      });

for (const [name, attempt] of attempts)
  test(`${name}: the reason of a signal that others may share tells nobody to repeat what it ended`, async () => {
    const peer = await startPeer();
    const signal = AbortSignal.timeout(50);
    const [span] = await spansOf(SpanKind.CLIENT, 1, () => attempt(peer, signal));
    assert.equal(span?.attributes['socket.failure.cause'], 'client_timeout');
    assert.equal(span.attributes['socket.failure.retry_safe'], true);
    assert.equal(socketFailureOf(signal.reason)?.retrySafe, false);
  });

for (const [name, attempt] of attempts)
  test(`${name}: a GET that the timer of an earlier call ends had no deadline of its own`, async () => {
    const peer = await startPeer();
    const controller = new AbortController();
    const error = Object.assign(new Error('Greeting never received'), { code: 'ETIMEDOUT' });
    setTimeout(() => controller.abort(error), 100);
    await sleep(50);
    const [span] = await spansOf(SpanKind.CLIENT, 1, () => attempt(peer, controller.signal));
    const { attributes = {} } = span ?? {};
    assert.equal(attributes['socket.failure.confidence'], 'possible');
    assert.equal(attributes['socket.failure.retry_safe'], false);
    assert.notEqual(socketFailureOf(error)?.retrySafe, true);
  });

for (const [name, attempt] of attempts)
  test(`${name}: the address in the error of something else is not that of the request`, async () => {
    const peer = await startPeer();
    const controller = new AbortController();
    const refused = { code: 'ECONNREFUSED', syscall: 'connect', address: '10.0.0.9', port: 5_432 };
    const error = Object.assign(new Error('connect ECONNREFUSED 10.0.0.9:5432'), refused);
    const [span] = await spansOf(SpanKind.CLIENT, 1, () => {
      // Before it has a connection.
      process.nextTick(() => controller.abort(error));
      return attempt(peer, controller.signal);
    });
    assert.notEqual(span?.attributes['network.peer.address'], '10.0.0.9');
    assert.notEqual(span?.attributes['network.peer.port'], 5_432);
  });
