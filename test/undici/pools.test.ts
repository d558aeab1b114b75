import assert from 'node:assert/strict';
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { SpanKind } from '@opentelemetry/api';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { SocketInstrumentation, socketFailureOf } from '../../src/index';
import { type FactsServer, number, startFactsServer } from '../support/facts/facts-server';
import { clientSpan, type EndedSpan, spansOf, startSdk } from '../support/sdk';
import { COPIES, type Dispatcher } from '../support/undici-copies';
import { agrees, startWitness, targetOf, type Witness } from '../support/undici-witness';

startSdk();
const reported: unknown[] = [];
new SocketInstrumentation({ detail: 'full', failureHook: (span) => reported.push(span) });
new UndiciInstrumentation();

const written = new Set<string>();
subscribe('undici:client:sendHeaders', (message) => {
  written.add((message as { readonly request: { readonly path: string } }).request.path);
});

let server: FactsServer;
before(async () => {
  server = await startFactsServer();
});
after(() => server.stop());

/** What a dispatcher is made with, the hint of the server, and the idle timeout that comes of it; undefined: not pooled. */
const LIMITS: readonly [options: object, hint: string, limitMs: number | undefined][] = [
  [{}, '', 4_000],
  [{ keepAliveTimeout: 300 }, '', 300],
  // The maximum is one for hints.
  [{ keepAliveTimeout: 300, keepAliveMaxTimeout: 100 }, '', 300],
  [{}, 'timeout=5', 3_000],
  [{ keepAliveTimeout: 300 }, 'timeout=5', 3_000],
  [{ keepAliveTimeoutThreshold: 700 }, 'timeout=1', 300],
  [{ keepAliveTimeoutThreshold: 500 }, 'timeout=5, max=10', 4_500],
  [{ keepAliveMaxTimeout: 350 }, 'timeout=60', 350],
  [{}, 'timeout=700', 600_000],
  [{}, 'timeout=2', undefined],
];

for (const { name, copy } of COPIES) {
  for (const [kind, make] of [
    ['Client', (origin, options) => new copy.Client(origin, options)],
    ['Pool', (origin, options) => new copy.Pool(origin, options)],
    ['Agent', (_, options) => new copy.Agent(options)],
  ] satisfies readonly [string, (origin: string, options: object) => Dispatcher][]) {
    test(`${name}: the idle timeout of a ${kind} is what it applies`, async () => {
      const origin = `http://127.0.0.1:${server.at.port}`;
      const checks = LIMITS.map(async ([options, hint, limitMs]) => {
        const dispatcher = make(origin, options);
        const query = hint === '' ? '' : `?header=${encodeURIComponent(hint)}`;
        const { body } = await copy.request(`${origin}/limit${query}`, { dispatcher });
        const disconnected = once(dispatcher as never, 'disconnect');
        await body.dump();
        const idleMs = performance.now();
        if (limitMs !== undefined && limitMs <= 400) {
          await disconnected;
          const tookMs = performance.now() - idleMs;
          assert.ok(tookMs > limitMs - 20 && tookMs < limitMs + 1_500, `${tookMs} ms, not ${limitMs}`);
        }
        await dispatcher.destroy();
      });
      const spans = await spansOf(SpanKind.CLIENT, LIMITS.length, () => Promise.all(checks));
      const limits = spans.map(({ attributes }) => attributes['socket.client_timeout_ms']);
      assert.deepEqual(limits.map(String).sort(), LIMITS.map(([, , limitMs]) => String(limitMs)).sort());
    });
  }

  test(`${name}: a Keep-Alive header that changes on a connection changes both idle timeouts`, async () => {
    const origin = `http://127.0.0.1:${server.at.port}`;
    const dispatcher = new copy.Client(origin);
    const hints = ['timeout=5', 'timeout=5', 'timeout=7', 'timeout=é', 'timeout=90'];
    const spans = await spansOf(SpanKind.CLIENT, hints.length, async () => {
      for (const hint of hints) {
        const { body } = await copy.request(`${origin}/?header=${encodeURIComponent(hint)}`, { dispatcher });
        await body.dump();
      }
    });
    assert.deepEqual(
      spans.map(({ attributes }) => [attributes['socket.client_timeout_ms'], attributes['socket.peer_timeout_ms']]),
      [
        [3_000, 5_000],
        [3_000, 5_000],
        [5_000, 7_000],
        [4_000, 7_000],
        [88_000, 90_000],
      ],
    );
    await dispatcher.destroy();
  });

  test(`${name}: queue_ms is the time for which a Client was busy`, async () => {
    const witness = await startWitness();
    const dispatcher = new copy.Client(witness.url);
    const send = async (path: string) => {
      await (await copy.request(`${witness.url}${path}`, { dispatcher })).body.dump();
    };
    const spans = await spansOf(SpanKind.CLIENT, 3, () => Promise.all(['/slow?1', '/slow?2', '/slow?3'].map(send)));
    const [first, second, third] = spans as [EndedSpan, EndedSpan, EndedSpan];
    assert.equal(first.attributes['socket.queue_ms'], undefined);
    assert.ok(number(second, 'socket.queue_ms') >= 18, String(second.attributes['socket.queue_ms']));
    assert.ok(number(third, 'socket.queue_ms') >= number(second, 'socket.queue_ms') + 18);
    for (const span of spans) agrees(span, witness);
    const last = await clientSpan(() => send('/last'));
    assert.equal(last.attributes['socket.queue_ms'], undefined);
    await dispatcher.destroy();
  });

  test(`${name}: a request that a Pool holds back does not exist yet: its span begins after the queue, which is absent`, async () => {
    const witness = await startWitness();
    const dispatcher = new copy.Pool(witness.url, { connections: 1 });
    const send = async (path: string) => {
      await (await copy.request(`${witness.url}${path}`, { dispatcher })).body.dump();
    };
    const spans = await spansOf(SpanKind.CLIENT, 2, () => Promise.all(['/slow?1', '/slow?2'].map(send)));
    for (const [i, span] of spans.entries()) {
      agrees(span, witness);
      assert.equal(span.attributes['socket.reuse_count'], i);
      assert.equal(span.attributes['socket.queue_ms'], undefined);
    }
    await dispatcher.destroy();
  });

  /** Requests at once over one pipelining connection: their spans, in the order of the requests, and their errors. */
  async function pipelined(witness: Witness, paths: readonly string[]): Promise<[EndedSpan[], unknown[]]> {
    const dispatcher = new copy.Client(witness.url, { pipelining: paths.length });
    await (await copy.request(`${witness.url}/warm`, { dispatcher })).body.dump();
    await new Promise(setImmediate);
    const errors: unknown[] = [];
    const spans = await spansOf(SpanKind.CLIENT, paths.length, () =>
      Promise.all(
        paths.map(async (path) => {
          try {
            await (await copy.request(`${witness.url}${path}`, { dispatcher })).body.dump();
          } catch (error) {
            errors.push(error);
          }
        }),
      ),
    );
    await dispatcher.destroy();
    const of = (path: string) => spans.find((span) => targetOf(span) === path) as EndedSpan;
    assert.equal(spans.length, paths.length);
    return [paths.map(of), errors];
  }

  test(`${name}: pipelined requests share a connection, and each written one counts`, async () => {
    const witness = await startWitness();
    const [spans] = await pipelined(witness, ['/slow?1', '/slow?2', '/slow?3', '/slow?4']);
    for (const span of spans) agrees(span, witness);
    assert.deepEqual(
      spans.map((span) => span.attributes['socket.reuse_count']),
      [1, 2, 3, 4],
    );
    assert.equal(new Set(spans.map((span) => span.attributes['socket.id'])).size, 1);
  });

  test(`${name}: a cut fails the head of the pipeline; the others are repeated silently, and nothing is told twice`, async () => {
    const witness = await startWitness();
    reported.length = 0;
    const [spans, errors] = await pipelined(witness, ['/cut', '/slow?2', '/slow?3', '/slow?4']);
    const [head, ...others] = spans as [EndedSpan, ...EndedSpan[]];
    assert.equal(head.attributes['socket.failure.kind'], 'closed');
    assert.equal(head.attributes['socket.failure.initiator'], 'remote');
    assert.notEqual(head.attributes['socket.failure.sent'], 'none');
    assert.deepEqual(reported, [head]);
    assert.deepEqual(
      errors.map((error) => socketFailureOf(error)?.kind),
      ['closed'],
    );
    for (const span of others) {
      assert.equal(span.attributes['socket.failure.kind'], undefined);
      assert.notEqual(span.attributes['socket.id'], head.attributes['socket.id']);
      agrees(span, witness, witness.asked(targetOf(span)) - 1);
    }
  });

  test(`${name}: what was written once stays sent, though the attempt that failed found nobody listening`, async () => {
    const witness = await startWitness();
    written.clear();
    const [spans] = await pipelined(witness, ['/vanish', '/slow?2', '/slow?3']);
    assert.deepEqual(
      spans.map(({ attributes }) => attributes['socket.failure.kind']),
      ['closed', 'refused', 'refused'],
    );
    // After an idle time undici 7 and 8 write the head alone.
    for (const span of spans) {
      assert.equal(span.attributes['socket.failure.sent'] === 'none', !written.has(targetOf(span)));
    }
  });
}
