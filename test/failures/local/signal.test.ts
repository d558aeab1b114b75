import assert from 'node:assert/strict';
import { lookup } from 'node:dns';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import type { ClientRequest } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { socketFailureOf } from '../../../src/index';
import { CUT, type Expected, fails, onArrival, send, startPeer, warmAgent } from '../../support/verdict';
import { ANSWERED, CANCELLED, DEADLINE } from './expected';

/** What a timer may hand over to. */
const REMOVES: readonly ((act: () => void) => void)[] = [
  (act) => act(),
  setImmediate,
  process.nextTick,
  (act) => void stat('.').then(act),
  (act) => lookup('127.0.0.1', act),
  closed,
];

/** A connection that the program closes: its listeners may cancel others. */
function closed(act: () => void): void {
  const server = net.createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.on('close', act).destroy();
      server.close();
    });
  });
}

for (const secure of [false, true]) {
  const scheme = secure ? 'https' : 'http';

  for (const method of ['GET', 'POST']) {
    test(`${scheme}: AbortSignal.timeout, ${method}: a deadline, not a cancellation`, async () => {
      const peer = await startPeer({ secure });
      const agent = await warmAgent(peer);
      const expected = { ...DEADLINE, retrySafe: method === 'GET' };
      await fails(expected, () => send(peer, '/hang', { agent, method, signal: AbortSignal.timeout(40) }));
    });

    test(`${scheme}: an aborted signal, ${method}: a cancellation`, async () => {
      const peer = await startPeer({ secure });
      const controller = new AbortController();
      const abort = () => controller.abort();
      const tap = (r: ClientRequest) => r.on('finish', () => setTimeout(() => onArrival(abort), 30));
      const options = { method, signal: controller.signal, tap };
      await fails({ ...CANCELLED, afterMs: 30 }, () => send(peer, '/hang', options));
    });

    test(`${scheme}: a signal that a timer aborts, itself or at some remove, ${method}: perhaps a deadline`, async () => {
      const peer = await startPeer({ secure });
      for (const later of REMOVES) {
        const controller = new AbortController();
        const abort = () => controller.abort();
        const tap = (r: ClientRequest) => r.on('finish', () => setTimeout(() => later(abort), 30));
        const options = { method, signal: controller.signal, tap };
        await fails({ ...CANCELLED, confidence: 'possible' }, () => send(peer, '/hang', options));
      }
    });
  }

  test(`${scheme}: a signal that ends the request in the middle of the response`, async () => {
    const peer = await startPeer({ secure });
    const controller = new AbortController();
    const tap = (r: ClientRequest) => r.on('response', (response) => response.once('data', () => controller.abort()));
    const expected: Expected = { ...CANCELLED, ...ANSWERED, confidence: 'possible' };
    await fails(expected, () => send(peer, '/body-hang', { signal: controller.signal, tap }));
    const agent = await warmAgent(peer);
    await fails({ ...DEADLINE, ...ANSWERED }, () =>
      send(peer, '/body-hang', { agent, signal: AbortSignal.timeout(300) }),
    );
  });

  test(`${scheme}: a signal that the listener of a timeout aborts, at once or later`, async () => {
    const peer = await startPeer({ secure });
    for (const laterMs of [undefined, 20, 200]) {
      const controller = new AbortController();
      const abort = () =>
        laterMs === undefined
          ? controller.abort()
          : setTimeout(() => queueMicrotask(() => controller.abort()), laterMs);
      const tap = (request: ClientRequest) => request.setTimeout(50, abort);
      const expected: Expected = laterMs === undefined ? DEADLINE : { ...CANCELLED, confidence: 'possible' };
      await fails(expected, () => send(peer, '/hang', { signal: controller.signal, tap }));
    }
  });

  test(`${scheme}: a signal that was aborted before the request was made`, async () => {
    const peer = await startPeer({ secure });
    const expected: Expected = { ...CANCELLED, confidence: 'possible', phase: 'queue', sent: 'none' };
    await fails(expected, () => send(peer, '/ok', { signal: AbortSignal.abort() }));
    assert.equal(peer.requests, 0);
  });
}

test('a signal that is aborted because the peer has ended the response: the peer did', async () => {
  const peer = await startPeer();
  const controller = new AbortController();
  const abort = () => controller.abort();
  const tap = (request: ClientRequest) => request.on('socket', (socket) => socket.prependListener('end', abort));
  await fails({ ...CUT, retrySafe: true }, () => send(peer, '/cut-fin', { signal: controller.signal, tap }));
});

test('a deadline that passes while connecting: nothing was sent, any method may be retried', async () => {
  const peer = await startPeer();
  const expected: Expected = { ...DEADLINE, phase: 'tls', sent: 'none', retrySafe: true, or: { phase: 'connect' } };
  const options = { method: 'POST', signal: AbortSignal.timeout(40) };
  await fails(expected, () => send({ port: peer.port, secure: true }, '/ok', options));
});

test('socketFailureOf finds the verdict through causes and aggregates, and never throws', async () => {
  const peer = await startPeer();
  const { errors } = await fails(CANCELLED, () => {
    const tap = (r: ClientRequest) => r.on('finish', () => onArrival(() => r.destroy()));
    return send(peer, '/hang', { tap });
  });
  const [error] = errors;
  const verdict = socketFailureOf(error);
  assert.ok(verdict);
  assert.equal(socketFailureOf(new Error('wrapped', { cause: new Error('twice', { cause: error }) })), verdict);
  assert.equal(socketFailureOf(new AggregateError([new Error('other'), error])), verdict);
  const loop = new Error('loop');
  loop.cause = loop;
  const hostile = new Proxy(new Error('no'), { get: () => assert.fail('read') });
  for (const nothing of [undefined, null, 'text', 7, new Error('other'), loop, hostile]) {
    assert.equal(socketFailureOf(nothing), undefined);
  }
});

test('a cancellation that follows an await may be that of a deadline made of promises, that of an event is none', async () => {
  const peer = await startPeer();
  for (const [confidence, later] of [
    ['possible', (end: () => void) => void sleep(30).then(end)],
    ['possible', (end: () => void) => void once(AbortSignal.timeout(30), 'abort').then(end)],
    ['certain', onArrival],
  ] as const) {
    const controller = new AbortController();
    const bySignal = () => later(() => controller.abort());
    const byDestroy = (request: ClientRequest) => later(() => request.destroy());
    const expected: Expected = { ...CANCELLED, confidence };
    const isSoon = confidence === 'certain';
    const onFinish = (end: (request: ClientRequest) => void) => (request: ClientRequest) =>
      request.on('finish', () => (isSoon ? setTimeout(() => end(request), 30) : end(request)));
    await fails(expected, () => send(peer, '/hang', { signal: controller.signal, tap: onFinish(bySignal) }));
    await fails(expected, () => send(peer, '/hang', { tap: onFinish(byDestroy) }));
  }
});
