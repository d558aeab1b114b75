import assert from 'node:assert/strict';
import { once } from 'node:events';
import http, { type ClientRequest } from 'node:http';
import https from 'node:https';
import { test } from 'node:test';
import { SpanKind } from '@opentelemetry/api';
import { spansOf } from '../../support/sdk';
import { check, type Expected, fails, onArrival, send, startPeer, warmAgent } from '../../support/verdict';
import { ANSWERED, CANCELLED, DEADLINE } from './expected';

const CLOSED: Expected = { ...DEADLINE, kind: 'local_close', cause: 'pool_closed' };
const QUEUED = { phase: 'queue', sent: 'none' } as const;

/** An error of the program's own says nothing: it may be a deadline. */
const sure = (error: Error | undefined) => ({ confidence: error === undefined ? 'certain' : 'possible' }) as const;
const destroyOnTimeout = (request: ClientRequest) => request.on('timeout', () => request.destroy());
const onceAnswered = (act: (request: ClientRequest) => void) => (request: ClientRequest) =>
  request.on('response', (response) => response.once('data', () => act(request)));

for (const secure of [false, true]) {
  const scheme = secure ? 'https' : 'http';
  const { Agent } = secure ? https : http;

  for (const method of ['GET', 'POST']) {
    test(`${scheme}: a timeout of the request, ${method}: "socket hang up" was our own doing`, async () => {
      const peer = await startPeer({ secure });
      const options = { agent: await warmAgent(peer), method, timeout: 40, tap: destroyOnTimeout };
      const expected = { ...DEADLINE, retrySafe: method === 'GET', afterMs: 40 };
      await fails(expected, () => send(peer, '/hang', options));
    });
  }

  test(`${scheme}: a timeout that destroys with an error of the program's own, or a little later`, async () => {
    const peer = await startPeer({ secure });
    const withError = (r: ClientRequest) => r.on('timeout', () => r.destroy(new Error('too slow')));
    const later = (r: ClientRequest) => r.on('timeout', () => setImmediate(() => r.destroy()));
    for (const tap of [withError, later]) {
      const options = { agent: await warmAgent(peer), timeout: 40, tap };
      const expected: Expected = { ...DEADLINE, ...(tap === withError && { shared: true }), afterMs: 40 };
      await fails(expected, () => send(peer, '/hang', options));
    }
  });

  test(`${scheme}: the agent's timeout fires during a slow request, on a fresh and on a reused connection`, async () => {
    const peer = await startPeer({ secure });
    const agent = new Agent({ keepAlive: true, timeout: 120 });
    await fails({ ...DEADLINE, afterMs: 120 }, () => send(peer, '/hang', { agent, tap: destroyOnTimeout }));
    await send(peer, '/ok', { agent });
    const { span } = await fails({ ...DEADLINE, afterMs: 120 }, () =>
      send(peer, '/hang', { agent, tap: destroyOnTimeout }),
    );
    assert.equal(span.attributes['socket.reused'], true);
    agent.destroy();
  });

  test(`${scheme}: a request that is cancelled just after a timer fired that ends nothing`, async () => {
    const peer = await startPeer({ secure });
    const cancel = (request: ClientRequest) => setTimeout(() => request.destroy(), 150);
    // Nobody listens for the timeout of the agent.
    const agent = new Agent({ keepAlive: true, timeout: 120 });
    await fails({ ...CANCELLED, confidence: 'possible' }, () => send(peer, '/hang', { agent, tap: cancel }));
    agent.destroy();
    // Somebody does, and only counts it.
    const tap = (request: ClientRequest) => cancel(request.on('timeout', () => undefined));
    await fails({ ...DEADLINE, confidence: 'possible' }, () => send(peer, '/hang', { timeout: 120, tap }));
  });

  test(`${scheme}: a timeout in the middle of the response`, async () => {
    const peer = await startPeer({ secure });
    const options = { agent: await warmAgent(peer), timeout: 40, tap: destroyOnTimeout };
    await fails({ ...DEADLINE, ...ANSWERED, afterMs: 40 }, () => send(peer, '/body-hang', options));
  });

  test(`${scheme}: req.destroy() before the response, with and without an error`, async () => {
    const peer = await startPeer({ secure });
    const error = new Error('no longer wanted');
    const now = (reason?: Error) => (r: ClientRequest) => r.on('finish', () => onArrival(() => r.destroy(reason)));
    for (const one of [undefined, error])
      await fails({ ...CANCELLED, ...sure(one) }, () => send(peer, '/hang', { tap: now(one) }));
    const timed = (r: ClientRequest) => setTimeout(() => r.destroy(), 30);
    const resumed = (r: ClientRequest) => setTimeout(() => setImmediate(() => r.destroy()), 30);
    for (const later of [timed, resumed]) {
      const tap = (r: ClientRequest) => r.on('finish', () => later(r));
      await fails({ ...CANCELLED, confidence: 'possible', afterMs: 30 }, () => send(peer, '/hang', { tap }));
    }
  });

  test(`${scheme}: the program destroys the socket: perhaps for a deadline, if a timer did or may have`, async () => {
    const peer = await startPeer({ secure });
    const destroy = (r: ClientRequest) => () => r.socket?.destroy();
    const ways: readonly (readonly [Expected['confidence'], (r: ClientRequest) => unknown])[] = [
      ['certain', (r) => onArrival(destroy(r))],
      ['possible', (r) => setTimeout(destroy(r), 20)],
      ['possible', (r) => setTimeout(() => setImmediate(destroy(r)), 20)],
    ];
    for (const [confidence, end] of ways) {
      const tap = (r: ClientRequest) => r.on('finish', () => end(r));
      await fails({ ...CANCELLED, confidence }, () => send(peer, '/hang', { tap }));
    }
  });

  test(`${scheme}: req.destroy() in the tick in which the request was made: nothing was sent`, async () => {
    const peer = await startPeer({ secure });
    const options = { method: 'POST', tap: (r: ClientRequest) => r.destroy() };
    const expected: Expected = { ...CANCELLED, phase: 'connect', sent: 'none', confidence: 'possible' };
    await fails(expected, () => send(peer, '/hang', options));
  });

  test(`${scheme}: req.destroy() in that tick, on a reused connection, also if another request waits for it`, async () => {
    const peer = await startPeer({ secure });
    const agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
    // Where Node destroys the connection with the request, TLS leaves no proof that nothing was sent.
    const isWithIt = Number.parseInt(process.versions.node, 10) < 24;
    const sent = secure && isWithIt ? 'partial' : 'none';
    const expected = { ...CANCELLED, phase: 'request', sent, confidence: 'possible' } as const;
    const options = { agent, method: 'POST', tap: (r: ClientRequest) => r.destroy() };
    await send(peer, '/ok', { agent });
    const { span } = await fails(expected, () => send(peer, '/hang', options));
    assert.equal(span.attributes['socket.reuse_count'], 1);
    const spans = await spansOf(SpanKind.CLIENT, 2, async () => {
      await Promise.all([send(peer, '/hang', options), send(peer, '/ok', { agent })]);
    });
    const cancelled = spans.find(({ attributes }) => attributes['socket.failure.cause'] === 'client_cancelled');
    const answered = spans.find((one) => one !== cancelled);
    assert.ok(cancelled !== undefined);
    assert.equal(answered?.attributes['http.response.status_code'], 200);
    assert.equal(answered?.attributes['socket.failure.kind'], undefined);
    agent.destroy();
  });

  test(`${scheme}: req.destroy() during the response is never truncated`, async () => {
    const peer = await startPeer({ secure });
    const tap = onceAnswered((request) => request.destroy());
    const { span } = await fails({ ...CANCELLED, ...ANSWERED, confidence: 'possible' }, () =>
      send(peer, '/body-hang', { tap }),
    );
    assert.equal(span.status.code, 0);
  });

  test(`${scheme}: a response body that the program abandons is a cancellation, or broke a rule of the program`, async () => {
    const peer = await startPeer({ secure });
    for (const error of [undefined, new Error('enough')]) {
      const tap = onceAnswered((request) =>
        (request as ClientRequest & { res: http.IncomingMessage }).res.destroy(error),
      );
      await fails({ ...CANCELLED, ...ANSWERED, confidence: 'possible' }, () => send(peer, '/body-hang', { tap }));
    }
  });

  test(`${scheme}: agent.destroy() before and during the response`, async () => {
    const peer = await startPeer({ secure });
    const one = new Agent({ keepAlive: true });
    const tap = (r: ClientRequest) => r.on('finish', () => setTimeout(() => one.destroy(), 30));
    await fails({ ...CLOSED, afterMs: 30 }, () => send(peer, '/hang', { agent: one, tap }));
    const two = new Agent({ keepAlive: true });
    await fails({ ...CLOSED, ...ANSWERED }, () =>
      send(peer, '/body-hang', { agent: two, tap: onceAnswered(() => two.destroy()) }),
    );
  });

  for (const how of ['destroy', 'signal', 'deadline'] as const) {
    test(`${scheme}: a queued request ends by ${how}: it never had a connection`, async () => {
      const peer = await startPeer({ secure });
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const signal = how === 'signal' ? AbortSignal.abort() : how === 'deadline' ? AbortSignal.timeout(30) : undefined;
      let errors: readonly unknown[] = [];
      const spans = await spansOf(SpanKind.CLIENT, 2, async () => {
        const made: ClientRequest[] = [];
        const tap = (request: ClientRequest) => made.push(request);
        const first = send(peer, '/hang', { agent, tap });
        const second = send(peer, '/ok', { agent, method: 'POST', tap, ...(signal && { signal }) });
        if (signal !== undefined && !signal.aborted) await once(signal, 'abort');
        if (how === 'destroy') made[1]?.destroy();
        // Node tells a destroyed request so only when its turn comes.
        made[0]?.destroy();
        ({ errors } = await second);
        await first;
      });
      const span = spans.find(({ attributes }) => attributes['socket.failure.phase'] === 'queue');
      assert.ok(span);
      // Whether a timer of the program ended it cannot be told.
      const base = how === 'deadline' ? DEADLINE : { ...CANCELLED, confidence: 'possible' as const };
      check(span, errors, { ...base, ...QUEUED });
      assert.equal(span.attributes['socket.id'], undefined);
      assert.ok(Number.isInteger(span.attributes['socket.queue_ms']), 'it tells how long it waited');
      agent.destroy();
    });
  }
}
