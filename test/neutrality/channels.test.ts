import assert from 'node:assert/strict';
import { type Channel, channel, subscribe, unsubscribe } from 'node:diagnostics_channel';
import { after, afterEach, before, test } from 'node:test';
import { context, createContextKey, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { SocketInstrumentation } from '../../src/index';
import { type Peer, startPeer } from '../support/peer';
import { startSdk } from '../support/sdk';
import { CLIENTS } from '../support/undici-copies';
import { closedUrl } from '../support/undici-witness';

startSdk();
const instrumentation = new SocketInstrumentation({ enabled: false });
const INTERCEPTED = ['undici:request:create', 'undici:request:error'];
const CHANNELS = [
  ...INTERCEPTED,
  'http.client.request.error',
  'http.client.response.finish',
  'http.server.request.start',
  'http.server.response.finish',
  'net.client.socket',
  'net.server.socket',
  'undici:client:beforeConnect',
  'undici:client:connected',
  'undici:client:connectError',
  'undici:client:sendHeaders',
  'undici:request:bodySent',
  'undici:request:headers',
  'undici:request:trailers',
  'http.client.request.created',
];
let peer: Peer;

before(async () => {
  peer = await startPeer();
});
after(() => peer.stop());
afterEach(() => instrumentation.disable());

/** A channel as it is when somebody listened once: Node adds keys of its own then. */
function used(name: string): Channel {
  const one = channel(name);
  const listener = () => undefined;
  one.subscribe(listener);
  one.unsubscribe(listener);
  return one;
}

/** Collects the messages of uncaught exceptions, in the test runner's stead, until it is stopped. */
function catchUncaught(): { thrown: unknown[]; stop: () => void } {
  const thrown: unknown[] = [];
  const listeners = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', (error) => thrown.push(error.message));
  const stop = () => {
    process.removeAllListeners('uncaughtException');
    for (const listener of listeners) process.on('uncaughtException', listener);
  };
  return { thrown, stop };
}

test('an unexpected message on any subscribed channel causes no error', async () => {
  instrumentation.enable();
  const { thrown, stop } = catchUncaught();
  const unreadable = new Proxy(
    {},
    {
      get: () => {
        throw new Error('unreadable');
      },
    },
  );
  const heard = CHANNELS.filter((name) => channel(name).hasSubscribers);
  for (const name of heard) for (const message of [undefined, null, 1, {}, unreadable]) channel(name).publish(message);
  await new Promise(setImmediate);
  stop();
  assert.deepEqual(thrown, []);
  assert.deepEqual(heard, CHANNELS);
});

for (const name of INTERCEPTED) {
  test(`${name} has a publish of its own while enabled, out of sight, and nothing of it after disable()`, () => {
    const one = used(name);
    const [keys, prototype] = [Reflect.ownKeys(one), Object.getPrototypeOf(one)];
    for (let round = 0; round < 3; round++) {
      instrumentation.enable();
      assert.deepEqual(Object.getOwnPropertyDescriptor(one, 'publish')?.enumerable, false);
      assert.deepEqual(Object.keys(one), keys);
      assert.ok(one.hasSubscribers);
      instrumentation.disable();
      assert.deepEqual(Reflect.ownKeys(one), keys);
      assert.equal(Object.getPrototypeOf(one), prototype);
      assert.equal(one.hasSubscribers, false);
    }
  });

  test(`another's publish on ${name}, made before or after ours, stays, and is called once a message`, () => {
    const one = used(name);
    const plain = Reflect.ownKeys(one);
    const messages: unknown[] = [];
    const wrap = () => {
      const below = one.publish;
      one.publish = function (message) {
        messages.push(message);
        below.call(this, message);
      };
      return one.publish;
    };
    const heard: unknown[] = [];
    const listener = (message: unknown) => void heard.push(message);
    subscribe(name, listener);
    const lower = wrap();
    instrumentation.enable();
    one.publish({ request: {} });
    assert.deepEqual([messages.length, heard.length], [1, 1]);
    instrumentation.disable();
    assert.equal(one.publish, lower);
    instrumentation.enable();
    const upper = wrap();
    instrumentation.disable();
    assert.equal(one.publish, upper);
    one.publish({ request: {} });
    assert.deepEqual([messages.length, heard.length], [3, 2]);
    unsubscribe(name, listener);
    Reflect.deleteProperty(one, 'publish');
    assert.deepEqual(Reflect.ownKeys(one), plain);
  });
}

for (const { name, send } of CLIENTS) {
  test(`${name}: what a subscriber of the program throws is an uncaught exception, as it is without us`, async (t) => {
    const url = await closedUrl();
    const run = async () => {
      const { thrown, stop } = catchUncaught();
      const undos = INTERCEPTED.map((event) => {
        const listener = () => {
          throw new Error(`from ${event}`);
        };
        subscribe(event, listener);
        return () => unsubscribe(event, listener);
      });
      const message = await send(url).then(String, (error) => (error.cause ?? error).code);
      await new Promise(setImmediate);
      for (const undo of undos) undo();
      stop();
      return [message, thrown];
    };
    const bare = await run();
    t.diagnostic(JSON.stringify(bare));
    assert.deepEqual(bare, ['ECONNREFUSED', INTERCEPTED.map((event) => `from ${event}`)]);
    instrumentation.enable();
    assert.deepEqual(await run(), bare);
  });

  test(`${name}: a subscriber sees the context of the request, in all that it holds`, async () => {
    const key = createContextKey('test');
    const span = trace.wrapSpanContext({ traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 });
    const seen: unknown[] = [];
    const listener = () => {
      const active = context.active();
      const without = active.deleteValue(key);
      seen.push(active.getValue(key), trace.getSpan(active), without.getValue(key), trace.getSpan(without));
    };
    subscribe('undici:request:create', listener);
    instrumentation.enable();
    await context.with(trace.setSpan(ROOT_CONTEXT.setValue(key, 'value'), span), () =>
      send(`http://127.0.0.1:${peer.port}/not-pooled`),
    );
    unsubscribe('undici:request:create', listener);
    assert.deepEqual(seen, ['value', span, undefined, span]);
  });
}

test('requests that are made by the subscribers of requests, on and on, build no chain of contexts', () => {
  instrumentation.enable();
  let active = ROOT_CONTEXT;
  const listener = () => {
    active = context.active();
  };
  subscribe('undici:request:create', listener);
  const request = { method: 'GET', origin: 'http://127.0.0.1', headers: [] };
  for (let i = 0; i < 20_000; i++) {
    context.with(active, () => channel('undici:request:create').publish({ request: { ...request } }));
  }
  unsubscribe('undici:request:create', listener);
  assert.equal(active.getValue(createContextKey('test')), undefined);
});
