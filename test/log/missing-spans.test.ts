import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, beforeEach, test } from 'node:test';
import { context, DiagLogLevel, type SpanKind, trace } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { SocketInstrumentation } from '../../src/index';
import { exchange, type Peer, startPeer } from '../support/peer';
import { startSdk } from '../support/sdk';
import { lines, listen } from './diag-lines';

const CLIENT: SpanKind.CLIENT = 2;
const SERVER: SpanKind.SERVER = 1;
listen(DiagLogLevel.WARN);
// No instrumentation makes spans here. What a sampler drops has no kind that the API shows.
const unsampled = { isDropping: false };
startSdk({ sampler: { shouldSample: () => ({ decision: unsampled.isDropping ? 0 : 2 }), toString: () => 'test' } });
let peer: Peer;
let instrumentation: SocketInstrumentation;

before(async () => {
  peer = await startPeer();
});
beforeEach(() => {
  instrumentation?.disable();
  instrumentation = new SocketInstrumentation();
  unsampled.isDropping = false;
  lines.length = 0;
});
after(async () => {
  instrumentation.disable();
  await peer.stop();
});

const byHttp = () => exchange(peer, '/ok', { agent: new http.Agent() });
const byFetch = async () => (await fetch(`http://127.0.0.1:${peer.port}/ok`)).text();

async function send(count: number, one: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < count; i += 1) await one();
}

/** Sends it as if somebody had made a span of this kind for it, and had made it active. */
function inside(kind: SpanKind, one: () => Promise<unknown>): () => Promise<unknown> {
  return () => {
    const span = trace.getTracer('test').startSpan('one', { kind });
    return context.with(trace.setSpan(context.active(), span), one).finally(() => span.end());
  };
}

for (const [name, one] of [
  ['http', byHttp],
  ['fetch', byFetch],
] as const) {
  test(`twenty requests of ${name} without any span: one line says so, and what to do`, async () => {
    await send(19, one);
    assert.deepEqual(lines, []);
    await send(30, one);
    assert.equal(lines.length, 1, lines.join('\n'));
    assert.match(
      lines[0] ?? '',
      /none of the first 20 client requests had a CLIENT span.*instrumentation-http before http/,
    );
  });

  test(`${name} inside a SERVER span has no CLIENT span either`, async () => {
    await send(20, inside(SERVER, one));
    assert.equal(lines.length, 1, lines.join('\n'));
  });

  test(`suppressed requests of ${name} do not count`, async () => {
    await send(30, () => context.with(suppressTracing(context.active()), one));
    assert.deepEqual(lines, []);
    await send(20, one);
    assert.equal(lines.length, 1, lines.join('\n'));
  });
}

test('after one CLIENT span there is never a warning', async () => {
  await send(1, inside(CLIENT, byHttp));
  await send(40, byHttp);
  assert.deepEqual(lines, []);
});

test('a span that is not sampled may be a CLIENT span: nothing is said', async () => {
  unsampled.isDropping = true;
  await send(1, inside(CLIENT, byHttp));
  await send(40, byHttp);
  assert.deepEqual(lines, []);
});

test('requests that are not sampled have spans all the same: nothing is said', async () => {
  const { UndiciInstrumentation } = require('@opentelemetry/instrumentation-undici');
  const undici = new UndiciInstrumentation();
  unsampled.isDropping = true;
  await send(40, byFetch);
  undici.disable();
  assert.deepEqual(lines, []);
});
