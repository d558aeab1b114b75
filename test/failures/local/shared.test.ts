import assert from 'node:assert/strict';
import http, { type ClientRequest } from 'node:http';
import { test } from 'node:test';
import { SpanKind } from '@opentelemetry/api';
import { socketFailureOf } from '../../../src/index';
import { spansOf } from '../../support/sdk';
import { check, send, startPeer, warmAgent } from '../../support/verdict';
import { DEADLINE } from './expected';

test('two requests that share a deadline are each reported, and their shared reason says what they agree on', async () => {
  const peer = await startPeer();
  const agent = await warmAgent(peer, { maxSockets: 1 });
  const signal = AbortSignal.timeout(300);
  let all: readonly (readonly unknown[])[] = [];
  const spans = await spansOf(SpanKind.CLIENT, 2, async () => {
    const both = [send(peer, '/hang', { agent, signal }), send(peer, '/ok', { agent, signal, method: 'POST' })];
    all = (await Promise.all(both)).map(({ errors }) => errors);
  });
  const waiting = spans.find((span) => span.attributes['socket.failure.phase'] === 'wait');
  const queued = spans.find((span) => span.attributes['socket.failure.phase'] === 'queue');
  assert.ok(waiting && queued);
  check(waiting, all[0] ?? [], DEADLINE);
  check(queued, all[1] ?? [], { ...DEADLINE, phase: 'queue', sent: 'none', retrySafe: true });
  // Each request's error is an object of its own, with the reason as its cause: whoever throws that may mean
  // either, or one that nobody observes.
  const { kind, phase, retrySafe } = socketFailureOf(signal.reason) ?? {};
  assert.deepEqual([kind, phase, retrySafe], ['local_timeout', undefined, false]);
  assert.deepEqual(
    all.map(([error]) => (error as Error).cause),
    [signal.reason, signal.reason],
  );
});

test('two requests that are destroyed with one error object: the verdict on it is what both agree on', async () => {
  const peer = await startPeer();
  const shared = new Error('shutting down');
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const made: ClientRequest[] = [];
  const tap = (r: ClientRequest) => made.push(r);
  const spans = await spansOf(SpanKind.CLIENT, 2, async () => {
    const both = [send(peer, '/hang', { agent, tap }), send(peer, '/ok', { agent, tap })];
    made[0]?.on('finish', () => setTimeout(() => destroyAll(made, shared), 30));
    for (const { errors } of await Promise.all(both)) assert.deepEqual(errors, [shared]);
  });
  const phases = spans.map((span) => span.attributes['socket.failure.phase']).sort();
  assert.deepEqual(phases, ['queue', 'wait']);
  const { kind, cause, initiator, retrySafe, phase, sent } = socketFailureOf(shared) ?? {};
  assert.deepEqual(
    { kind, cause, initiator, retrySafe },
    { kind: 'local_abort', cause: 'client_cancelled', initiator: 'local', retrySafe: false },
  );
  assert.equal(phase, undefined);
  assert.equal(sent, undefined);
  agent.destroy();
});

function destroyAll(requests: readonly ClientRequest[], error: Error): void {
  for (const request of requests) request.destroy(error);
}
