import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Context, context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { SocketInstrumentation } from '../../src/index';
import { type Peer, startPeer } from '../support/peer';
import { clientSpan, startSdk } from '../support/sdk';

startSdk();
new UndiciInstrumentation();
new SocketInstrumentation();
const KEY = createContextKey('test');
let peer: Peer;

before(async () => {
  peer = await startPeer();
});
after(() => peer.stop());

const traced = () =>
  clientSpan(() => fetch(`http://127.0.0.1:${peer.port}/not-pooled`).then((response) => response.text()));

async function under<T>(manager: AsyncLocalStorageContextManager, work: () => Promise<T>): Promise<T> {
  context.disable();
  context.setGlobalContextManager(manager.enable());
  try {
    return await work();
  } finally {
    context.disable();
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  }
}

/** Stores a context made from the one that it is given, as Sentry's does. */
class Deriving extends AsyncLocalStorageContextManager {
  override with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    given: Context,
    work: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    return super.with(given.setValue(KEY, 'tenant'), work, thisArg, ...args);
  }
}

/** Gives another context object each time it is asked. */
class Copying extends AsyncLocalStorageContextManager {
  override active(): Context {
    return super.active().setValue(KEY, 'copy');
  }
}

/** All its contexts are frozen. */
class Freezing extends AsyncLocalStorageContextManager {
  override active(): Context {
    return Object.freeze(super.active().setValue(KEY, 'frozen'));
  }
}

for (const [what, Manager] of [
  ['stores contexts of its own', Deriving],
  ['copies its contexts', Copying],
  ['freezes its contexts', Freezing],
] as const) {
  test(`the span is found under a context manager that ${what}`, async () => {
    const span = await under(new Manager(), () => context.with(ROOT_CONTEXT, traced));
    assert.ok(Number(span.attributes['socket.id']) > 0);
  });
}
