import assert from 'node:assert/strict';
import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, test } from 'node:test';
import { context, propagation, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { suppressTracing, W3CTraceContextPropagator } from '@opentelemetry/core';
import { UndiciInstrumentation, type UndiciInstrumentationConfig } from '@opentelemetry/instrumentation-undici';
import { SamplingDecision } from '@opentelemetry/sdk-trace';
import { SocketInstrumentation } from '../../src/index';
import { socketAttributes } from '../support/facts/facts-server';
import { clientSpan, type EndedSpan, ended, spansOf, startSdk } from '../support/sdk';
import { CLIENTS } from '../support/undici-copies';
import { agrees, closedUrl, startWitness, targetOf } from '../support/undici-witness';

const tracer = trace.getTracer('program');
/** Makes spans of the program's own and puts them into contexts, at whatever moment this is called. */
const plant = () => {
  trace.setSpan(context.active(), tracer.startSpan('planted', { kind: SpanKind.CLIENT }));
  return {};
};
const alsoPlant = () => {
  plant();
};
let onStart = (_name: string) => {};

startSdk({
  sampler: {
    shouldSample: (_context, _traceId, _name, _kind, attributes) => ({
      decision: String(attributes['url.query']).includes('unsampled')
        ? SamplingDecision.NOT_RECORD
        : SamplingDecision.RECORD_AND_SAMPLED,
    }),
    toString: () => 'by query',
  },
  processor: {
    onStart: (span) => onStart((span as unknown as EndedSpan).name),
    onEnd: () => undefined,
    shutdown: () => Promise.resolve(),
    forceFlush: () => Promise.resolve(),
  },
});

type Undoable = { disable(): void };
let registered: Undoable[] = [];
const register = (...all: Undoable[]) => {
  registered = all;
};
const socket = () => new SocketInstrumentation({ detail: 'full' });
const theirs = (config?: UndiciInstrumentationConfig) => new UndiciInstrumentation(config);
const ours = () => ended.filter((span) => Object.keys(socketAttributes(span)).length > 0);

afterEach(() => {
  onStart = () => {};
  for (const one of registered) one.disable();
  for (const one of [plant, alsoPlant]) unsubscribe('undici:request:create', one);
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  ended.length = 0;
});

for (const { name, send } of CLIENTS) {
  /** One fresh and one reused request, each of which has a span with its own facts. */
  const finds = async () => {
    const witness = await startWitness();
    for (const path of ['/first', '/second']) {
      const spans = await spansOf(SpanKind.CLIENT, 1, () => send(`${witness.url}${path}`));
      const own = spans.filter((span) => span.attributes['url.path'] === path);
      assert.equal(own.length, 1);
      for (const span of own) agrees(span, witness);
    }
    assert.equal(ours().length, 2, 'the facts are on these two spans alone');
  };

  test(`${name}: the span is found, SocketInstrumentation registered last`, () => {
    register(theirs(), socket());
    return finds();
  });

  test(`${name}: the span is found, SocketInstrumentation registered first`, () => {
    register(socket(), theirs());
    return finds();
  });

  test(`${name}: the span is found without trace headers`, async () => {
    register(theirs(), socket());
    propagation.disable();
    await finds();
  });

  for (const headers of [true, false]) {
    test(`${name}: spans that others put into contexts meanwhile get nothing, trace headers: ${headers}`, async () => {
      onStart = (span) => {
        if (span !== 'planted') plant();
      };
      subscribe('undici:request:create', plant);
      register(theirs({ requestHook: plant, startSpanHook: plant }), socket());
      subscribe('undici:request:create', alsoPlant);
      if (!headers) propagation.disable();
      await finds();
    });
  }

  test(`${name}: an ignored request puts nothing on any span, its use counts`, async () => {
    register(theirs({ ignoreRequestHook: ({ path }) => path.includes('ignored') }), socket());
    const witness = await startWitness();
    const own = tracer.startSpan('own', { kind: SpanKind.CLIENT });
    await context.with(trace.setSpan(ROOT_CONTEXT, own), async () => {
      subscribe('undici:request:create', plant);
      await send(`${witness.url}/ignored`);
      await assert.rejects(send(`${await closedUrl()}/ignored`));
    });
    own.end();
    assert.deepEqual(ours(), []);
    const span = await clientSpan(() => send(`${witness.url}/seen`));
    assert.equal(span.attributes['socket.reuse_count'], 1);
    agrees(span, witness);
  });

  test(`${name}: requireParentforSpans: no parent, no facts anywhere; inside a CLIENT span that one stays as it is`, async () => {
    register(theirs({ requireParentforSpans: true }), socket());
    const witness = await startWitness();
    await send(`${witness.url}/orphan`);
    assert.deepEqual(ended, []);
    const own = tracer.startSpan('own', { kind: SpanKind.CLIENT });
    const span = await clientSpan(() =>
      context.with(trace.setSpan(ROOT_CONTEXT, own), () => send(`${witness.url}/child`)),
    );
    own.end();
    agrees(span, witness);
    assert.deepEqual(ours(), [span]);
  });

  test(`${name}: unsampled requests put nothing on any span`, async () => {
    register(theirs(), socket());
    const witness = await startWitness();
    const own = tracer.startSpan('own', { kind: SpanKind.CLIENT });
    await context.with(trace.setSpan(ROOT_CONTEXT, own), () => send(`${witness.url}/?unsampled`));
    own.end();
    assert.deepEqual(ours(), []);
    agrees(await clientSpan(() => send(`${witness.url}/sampled`)), witness);
  });

  test(`${name}: a request while tracing is suppressed puts nothing on any span, its use counts`, async () => {
    register(theirs(), socket());
    const witness = await startWitness();
    const own = tracer.startSpan('own', { kind: SpanKind.CLIENT });
    await context.with(suppressTracing(trace.setSpan(ROOT_CONTEXT, own)), () => send(`${witness.url}/quiet`));
    own.end();
    assert.deepEqual(ours(), []);
    agrees(await clientSpan(() => send(`${witness.url}/loud`)), witness);
  });

  test(`${name}: requests made by hooks of a request each have their own span and facts`, async () => {
    const inner: Promise<unknown>[] = [];
    const witness = await startWitness();
    const nest = (path: string, { path: outer }: { readonly path: string }) => {
      if (outer === '/outer') inner.push(send(`${witness.url}${path}`));
      return {};
    };
    const requestHook = (_: unknown, request: { readonly path: string }) => void nest('/request', request);
    register(theirs({ requestHook, startSpanHook: (request) => nest('/start', request) }), socket());
    const spans = await spansOf(SpanKind.CLIENT, 3, async () => {
      await send(`${witness.url}/outer`);
      await Promise.all(inner);
    });
    assert.deepEqual(spans.map(targetOf).sort(), ['/outer', '/request', '/start']);
    for (const span of spans) agrees(span, witness);
  });

  test(`${name}: two UndiciInstrumentations make two spans, of which one has the facts`, async () => {
    register(theirs(), theirs(), socket());
    const witness = await startWitness();
    const spans = await spansOf(SpanKind.CLIENT, 2, () => send(`${witness.url}/twice`));
    assert.equal(spans.length, 2);
    assert.equal(ours().length, 1);
    for (const span of ours()) agrees(span, witness);
  });

  test(`${name}: without an undici instrumentation nothing breaks, and no span gets anything`, async () => {
    register(socket());
    const witness = await startWitness();
    const own = tracer.startSpan('own', { kind: SpanKind.CLIENT });
    await context.with(trace.setSpan(ROOT_CONTEXT, own), () => send(`${witness.url}/`));
    own.end();
    assert.deepEqual(ours(), []);
    assert.ok(channel('undici:request:create').hasSubscribers);
  });
}
