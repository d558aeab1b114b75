import assert from 'node:assert/strict';
import http, { Agent, type RequestOptions } from 'node:http';
import { after, before, test } from 'node:test';
import { context, propagation, ROOT_CONTEXT, type Span, SpanKind, trace } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { ask, type FactsServer, socketAttributes, startFactsServer, traced } from '../support/facts/facts-server';
import { instrument } from '../support/facts/facts-setup';
import { type EndedSpan, ended, spansOf } from '../support/sdk';

const { theirs } = instrument({
  http: { ignoreOutgoingRequestHook: ({ headers }) => headers !== undefined && 'x-ignore' in headers },
});

let server: FactsServer;
before(async () => {
  server = await startFactsServer();
});
after(() => server.stop());

const tracer = trace.getTracer('program');
const IGNORED: RequestOptions = { headers: { 'x-ignore': '1' } };

/** Runs `work` inside a span of the program's own, and gives that span. */
async function inside(kind: SpanKind, work: (span: Span) => Promise<unknown>): Promise<EndedSpan> {
  const span = tracer.startSpan('own', { kind });
  await context.with(trace.setSpan(ROOT_CONTEXT, span), () => work(span));
  span.end();
  const own = ended.find((each) => each.name === 'own' && (each as unknown) === span);
  if (own === undefined) throw new Error('the span did not end');
  return own;
}

for (const kind of [SpanKind.INTERNAL, SpanKind.CLIENT, SpanKind.SERVER]) {
  test(`an ignored request puts nothing on the ${SpanKind[kind]} span around it`, async () => {
    const own = await inside(kind, () => ask(server, '/', IGNORED));
    assert.deepEqual(own.attributes, {});
  });

  test(`an ignored request with a foreign trace header puts nothing on the ${SpanKind[kind]} span around it`, async () => {
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const own = await inside(kind, (span) => {
      const { traceId } = span.spanContext();
      const same = `00-${traceId}-${'b'.repeat(16)}-01`;
      return Promise.all(
        [traceparent, same].map((value) => ask(server, '/', { headers: { ...IGNORED.headers, traceparent: value } })),
      );
    });
    assert.deepEqual(own.attributes, {});
  });
}

test('an ignored request that fails puts nothing on the span around it', async () => {
  const own = await inside(SpanKind.CLIENT, () => assert.rejects(ask(server, '/', { ...IGNORED, port: 1 })));
  assert.deepEqual(own.attributes, {});
});

test('an ignored request counts as a use', async () => {
  const agent = new Agent({ keepAlive: true });
  await ask(server, '/', { ...IGNORED, agent });
  const { span } = await traced(server, '/', { agent });
  assert.equal(span.attributes['socket.reuse_count'], 1);
  agent.destroy();
});

test('an ignored request from inside another one does not write on its span', async () => {
  // The connect callback runs in the context of the outer request, whose CLIENT span is active while it is made.
  class Nesting extends Agent {
    override createConnection(options: object, done: () => void): ReturnType<Agent['createConnection']> {
      void ask(server, '/', { ...IGNORED, agent: false });
      return super.createConnection(options, done);
    }
  }
  const agent = new Nesting({ keepAlive: true });
  const { span, seen } = await traced(server, '/', { agent });
  assert.equal(span.attributes['network.local.port'], seen.port);
  assert.equal(span.attributes['socket.reuse_count'], 0);
  agent.destroy();
});

test('nested requests each have the facts of their own connection', async () => {
  const agent = new Agent({ keepAlive: true });
  const inner: { port: number | undefined }[] = [];
  const spans = await spansOf(SpanKind.CLIENT, 2, async () => {
    await new Promise<void>((resolve) => {
      http.get({ ...server.at, agent }, (response) => {
        void ask(server, '/', { agent }).then((seen) => {
          inner.push(seen);
          response.resume();
          response.on('end', resolve);
        });
      });
    });
  });
  const ports = spans.map((span) => span.attributes['network.local.port']);
  assert.equal(new Set(ports).size, 2);
  assert.ok(ports.includes(inner[0]?.port));
  agent.destroy();
});

test('a suppressed request gets no attributes, its use counts', async () => {
  const agent = new Agent({ keepAlive: true });
  const own = await inside(SpanKind.CLIENT, () =>
    context.with(suppressTracing(context.active()), () => ask(server, '/', { agent })),
  );
  assert.deepEqual(own.attributes, {});
  const { span } = await traced(server, '/', { agent });
  assert.equal(span.attributes['socket.reuse_count'], 1);
  agent.destroy();
});

test('requireParentforOutgoingSpans: without a parent there is no span, and the use counts', async () => {
  const config = theirs.getConfig();
  theirs.setConfig({ ...config, requireParentforOutgoingSpans: true });
  const agent = new Agent({ keepAlive: true });
  const from = ended.length;
  await ask(server, '/', { agent });
  assert.equal(ended.length, from);
  const [span] = await spansOf(SpanKind.CLIENT, 1, () =>
    context.with(trace.setSpan(ROOT_CONTEXT, tracer.startSpan('parent')), () => ask(server, '/', { agent })),
  );
  assert.equal(span?.attributes['socket.reuse_count'], 1);
  theirs.setConfig(config);
  agent.destroy();
});

const TARGETS: readonly (RequestOptions & { readonly what: string })[] = [
  { what: 'an ordinary request' },
  { what: 'a host name', host: 'localhost' },
  { what: 'a method in lower case', method: 'put' },
  { what: 'a method that the conventions do not know', method: 'PURGE' },
  { what: 'a Host header of its own', headers: { host: 'example.test:81' } },
  { what: 'headers as a list', headers: ['host', 'example.test', 'x-a', 'b'] as unknown as Record<string, string> },
];

for (const propagator of ['tracecontext', 'none']) {
  for (const { what, ...options } of TARGETS) {
    test(`${what} is found with propagator ${propagator}`, async () => {
      if (propagator === 'none') propagation.disable();
      const { span } = await traced(server, '/', { agent: false, ...options });
      assert.equal(socketAttributes(span)['socket.reuse_count'], 0);
    });
  }
}

test('without trace headers, too, an ignored request puts nothing on the span around it', async () => {
  propagation.disable();
  const own = await inside(SpanKind.CLIENT, () => ask(server, '/', IGNORED));
  assert.deepEqual(own.attributes, {});
});
