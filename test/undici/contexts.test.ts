import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { after, afterEach, before, test } from 'node:test';
import { context, createContextKey, propagation, ROOT_CONTEXT, SpanKind, type Tracer, trace } from '@opentelemetry/api';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import type { TracerProvider } from '@opentelemetry/sdk-trace';
import { SocketInstrumentation } from '../../src/index';
import { type Peer, startPeer } from '../support/peer';
import { clientSpan, spansOf, startSdk } from '../support/sdk';

startSdk();
const undici = new UndiciInstrumentation();
const instrumentation = new SocketInstrumentation();
const KEY = createContextKey('test');
const CREATE = 'undici:request:create';
let peer: Peer;

before(async () => {
  peer = await startPeer();
});
after(() => peer.stop());
afterEach(() => instrumentation.enable());

/** The SDK's own tracers, behind the API's proxy. */
function sdkPrototype(): Tracer {
  const provider = trace.getTracerProvider() as unknown as { getDelegate(): TracerProvider };
  return Object.getPrototypeOf(provider.getDelegate().getTracer('x'));
}
const get = () => fetch(`http://127.0.0.1:${peer.port}/not-pooled`).then((response) => response.text());
const traced = () => clientSpan(get);

/** Runs `work` while `listener` hears of each request that is created. */
async function heard<T>(listener: () => void, work: () => Promise<T>): Promise<T> {
  subscribe(CREATE, listener);
  try {
    return await work();
  } finally {
    unsubscribe(CREATE, listener);
  }
}

test('the active context stays the very object that the program made active, for subscribers and their timers', async () => {
  const mine = ROOT_CONTEXT.setValue(KEY, 1);
  const keys = Object.keys(mine);
  const { setValue } = mine;
  const seen: unknown[] = [];
  const look = () => seen.push(context.active() === mine, Object.getPrototypeOf(context.active()));
  const timed = new Promise<void>((resolve) => {
    void heard(
      () => {
        look();
        setTimeout(() => {
          look();
          resolve();
        });
      },
      () => context.with(mine, traced),
    );
  });
  await timed;
  const prototype = Object.getPrototypeOf(mine);
  assert.deepEqual(seen, [true, prototype, true, prototype]);
  assert.equal(mine.setValue, setValue);
  assert.deepEqual(Object.keys(mine), keys);
});

test("startSpan and setValue are ours during the synchronous publish only, and a subscriber's throw changes nothing", async () => {
  const mine = ROOT_CONTEXT.setValue(KEY, 1);
  const prototype = sdkPrototype();
  const theirs = [prototype.startSpan, mine.setValue];
  const errors: unknown[] = [];
  const listeners = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', (error) => errors.push(error.message));
  const span = await heard(
    () => {
      assert.notDeepEqual([prototype.startSpan, mine.setValue], theirs);
      assert.deepEqual([prototype.startSpan.name, prototype.startSpan.length], [theirs[0]?.name, theirs[0]?.length]);
      throw new Error('subscriber');
    },
    () => context.with(mine, traced),
  );
  process.removeAllListeners('uncaughtException');
  for (const listener of listeners) process.on('uncaughtException', listener);
  assert.deepEqual(errors, ['subscriber']);
  assert.deepEqual([prototype.startSpan, mine.setValue], theirs);
  assert.equal(span.attributes['socket.reuse_count'], 0);
});

test('the span is found with a provider that is not the global one', async () => {
  const startSpan = sdkPrototype().startSpan;
  const global = trace.getTracerProvider();
  trace.disable();
  const span = await traced();
  trace.setGlobalTracerProvider(global);
  assert.ok(Number(span.attributes['socket.id']) > 0);
  assert.equal(sdkPrototype().startSpan, startSpan);
});

test('a request that a subscriber makes has its own span, and so has the one around it', async () => {
  let inner: Promise<unknown> | undefined;
  let depth = 0;
  const spans = await heard(
    () => {
      depth += 1;
      if (depth === 1) inner = context.with(ROOT_CONTEXT.setValue(KEY, 'inner'), get);
    },
    () =>
      spansOf(SpanKind.CLIENT, 2, async () => {
        await get();
        await inner;
      }),
  );
  const ids = spans.map(({ attributes }) => Number(attributes['socket.id']));
  assert.ok(ids.every((id) => id > 0));
  assert.equal(new Set(ids).size, 2);
});

test('another that wraps startSpan in the middle of a publish keeps its wrapper, and spans are found as before', async () => {
  const prototype = sdkPrototype();
  const { startSpan: below } = prototype;
  let calls = 0;
  const wrap = () => {
    const { startSpan } = prototype;
    prototype.startSpan = function (this: Tracer, ...args) {
      calls += 1;
      return startSpan.apply(this, args);
    };
    return prototype.startSpan;
  };
  let theirs: unknown;
  await heard(() => {
    theirs ??= wrap();
  }, traced);
  assert.equal(prototype.startSpan, theirs);
  for (let i = 0; i < 2; i += 1) assert.ok(Number((await traced()).attributes['socket.id']) > 0);
  assert.equal(prototype.startSpan, theirs);
  assert.ok(calls >= 2);
  prototype.startSpan = below;
});

test('disable() and enable() in the middle of a publish leave nothing behind', async () => {
  const mine = ROOT_CONTEXT.setValue(KEY, 1);
  const theirs = [sdkPrototype().startSpan, mine.setValue];
  for (const turn of [() => instrumentation.disable(), () => instrumentation.enable()]) {
    await heard(turn, () => context.with(mine, get));
    assert.deepEqual([sdkPrototype().startSpan, mine.setValue], theirs);
  }
  const { attributes } = await traced();
  assert.ok(Number(attributes['socket.id']) > 0, JSON.stringify(attributes));
});

test('subscribers have one frame of ours in their stacks, with a name', async () => {
  let stack = '';
  await heard(() => {
    stack = String(new Error('here').stack);
  }, get);
  const ours = stack.split('\n').filter((line) => /[\\/]build[\\/]src[\\/]/.test(line));
  assert.equal(ours.length, 1, stack);
  assert.match(ours[0] ?? '', /publish/);
});

// The last: from here on, no headers name the spans.
test('a request that is made while the span of another one is: each span is its own, also for two instances', async () => {
  propagation.disable();
  const urlOf = (path: string) => `http://127.0.0.1:${peer.port}${path}`;
  for (const count of [1, 2]) {
    const more = count === 1 ? undefined : new SocketInstrumentation();
    let isBegun = false;
    let inner: Promise<string> | undefined;
    const startSpanHook = () => {
      if (!isBegun) {
        isBegun = true;
        inner = fetch(urlOf('/ok')).then((response) => response.text());
      }
      return {};
    };
    undici.setConfig({ startSpanHook });
    const spans = await spansOf(SpanKind.CLIENT, 2, async () => {
      await fetch(urlOf('/drop-fin')).catch(() => undefined);
      await inner;
    });
    const kinds = spans.map(({ attributes: a }) => [a['url.path'], a['socket.failure.kind']]);
    assert.deepEqual(kinds.sort(), [
      ['/drop-fin', 'closed'],
      ['/ok', undefined],
    ]);
    for (const { attributes } of spans) assert.notEqual(attributes['socket.id'], undefined);
    more?.disable();
  }
  undici.setConfig({});
});
