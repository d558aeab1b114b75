import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, beforeEach, test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { context, DiagLogLevel, diag, ROOT_CONTEXT, type Span, SpanKind, trace } from '@opentelemetry/api';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { SocketInstrumentation, socketFailureOf } from '../../src/index';
import { exchange, type Peer, startPeer } from '../support/peer';
import { clientSpan, startSdk } from '../support/sdk';

/** Whatever of ours escaped would be an uncaught exception, and the runner would fail the test. */
startSdk();
new HttpInstrumentation();
// instrumentation-http patches the module when it is required the next time.
require('node:http');
const errors: unknown[][] = [];
const logger = { error: (...args: unknown[]) => errors.push(args), warn() {}, info() {}, debug() {}, verbose() {} };
diag.setLogger(logger, DiagLogLevel.WARN);
let peer: Peer;
let instrumentation: SocketInstrumentation;

before(async () => {
  peer = await startPeer({ hint: 'Keep-Alive: timeout=5\r\n' });
});

beforeEach(() => {
  errors.length = 0;
});

after(() => peer.stop());

/** Runs `body` with a fresh instance; our own faults are said once an instance. */
async function withHook(
  failureHook: ((span: Span) => unknown) | undefined,
  body: () => Promise<unknown> | unknown,
): Promise<void> {
  instrumentation = new SocketInstrumentation(failureHook === undefined ? {} : { failureHook });
  try {
    await body();
  } finally {
    instrumentation.disable();
  }
}

const fail = () => clientSpan(() => exchange(peer, '/drop-fin', { agent: false }));

test('a failure hook that throws is said once, and the program and its spans lose nothing', async () => {
  const hook = () => {
    throw new Error('hook');
  };
  await withHook(hook, async () => {
    for (let round = 0; round < 3; round++) {
      const { attributes, status } = await fail();
      assert.equal(attributes['socket.failure.kind'], 'closed');
      assert.equal(status.code, 2);
    }
  });
  assert.equal(errors.length, 1);
  assert.match(String(errors[0]), /failureHook threw/);
});

test('a failure hook that throws at a cut response, where no channel guards it, is said once', async () => {
  const hook = () => {
    throw new Error('hook');
  };
  await withHook(hook, async () => {
    const span = await clientSpan(() => exchange(peer, '/cut-fin', { agent: false }));
    assert.equal(span.attributes['socket.failure.kind'], 'truncated');
  });
  assert.equal(errors.length, 1);
});

for (const [what, hook] of [
  [
    'an async function',
    async () => {
      throw new Error('later');
    },
  ],
  ['an async function of another realm', runInNewContext('(async () => { throw new Error("elsewhere"); })')],
  // biome-ignore lint/suspicious/noThenProperty: a thenable is what the hook gives back
  ['a thenable', () => ({ then: (_: unknown, reject: (e: Error) => void) => setImmediate(reject, new Error('x')) })],
] as const) {
  test(`a failure hook that rejects is no unhandled rejection, and is said once: ${what}`, async () => {
    await withHook(hook, fail);
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(errors.length, 1);
    assert.match(String(errors[0]), /failureHook/);
  });
}

for (const [what, hook] of [
  // biome-ignore lint/suspicious/noThenProperty: a thenable is what the hook gives back
  ['resolves later', () => ({ then: (resolve: () => void) => setImmediate(resolve) })],
  [
    'cannot be read',
    () =>
      Object.defineProperty({}, 'then', {
        get: () => {
          throw new Error('then');
        },
      }),
  ],
] as const) {
  test(`a failure hook may return a thenable that ${what}: nothing reaches the program`, async () => {
    await withHook(hook, fail);
    await new Promise((resolve) => setTimeout(resolve, 5));
  });
}

test('a logger that throws while it reports our fault does not stop the program', async () => {
  let calls = 0;
  const error = () => {
    calls += 1;
    throw new Error('logger');
  };
  // The API binds the functions of a logger when it is set.
  diag.setLogger({ ...logger, error }, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  await withHook(() => {
    throw new Error('hook');
  }, fail);
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  assert.equal(calls, 1);
});

test('a span whose setAttributes throws leaves the request alone', async () => {
  const hostile: Record<string, unknown> = {
    kind: SpanKind.CLIENT,
    instrumentationScope: { name: '@opentelemetry/instrumentation-http' },
    attributes: {},
    isRecording: () => true,
    spanContext: () => ({ traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 }),
    setStatus: () => undefined,
    setAttributes: () => {
      throw new Error('span');
    },
  };
  await withHook(undefined, async () => {
    const active = trace.setSpan(ROOT_CONTEXT, hostile as unknown as Span);
    const headers = { traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01` };
    // Not through http.request, which makes a span of its own.
    const request = context.with(active, () => new http.ClientRequest({ port: peer.port, path: '/ok', headers }));
    const status = await new Promise((resolve) => {
      request.on('response', (response) => resolve(response.resume().statusCode)).end();
    });
    assert.equal(status, 200);
  });
  assert.equal(errors.length, 1);
});

/** What a verdict wants to know of an error, and Node does not. */
const LIED_ABOUT: readonly unknown[] = ['code', 'syscall', 'name', 'cause', 'errors'];

test('an error that throws when it is read passes through, and has a verdict', async () => {
  const hostile = new Proxy(new Error('x'), {
    get(target, key) {
      if (!LIED_ABOUT.includes(key)) return Reflect.get(target, key);
      throw new Error(`you read ${String(key)}`);
    },
  });
  await withHook(undefined, async () => {
    let seen: unknown;
    const request = new http.ClientRequest({ port: peer.port, path: '/hang', agent: false });
    const closed = new Promise((resolve) => request.on('close', resolve));
    request.on('error', (error) => {
      seen = error;
    });
    request.end(() => request.destroy(hostile));
    await closed;
    assert.ok(seen === hostile);
    assert.equal(socketFailureOf(hostile)?.kind, 'local_abort');
  });
  assert.deepEqual(errors, []);
});

test('anything that was thrown may be asked for its verdict: a string, null, a frozen object', async () => {
  for (const thrown of ['text', null, Object.freeze({})]) assert.equal(socketFailureOf(thrown), undefined);
});

test('a prototype that the program has frozen is left alone: nothing is thrown, no fault is reported', async () => {
  Object.freeze(http.IncomingMessage.prototype);
  await withHook(undefined, async () => {
    const { attributes } = await clientSpan(() => exchange(peer, '/ok', { agent: false }));
    assert.equal(attributes['socket.reuse_count'], 0);
  });
  assert.deepEqual(errors, []);
});

test('an agent given something other than a request still gets its socket', async () => {
  await withHook(undefined, () => {
    const agent = new http.Agent();
    const unlike = { reusedSocket: true, agent: Object.create(http.Agent.prototype), getHeader() {}, onSocket() {} };
    const asked = agent as unknown as { addRequest(request: object, options: object): void };
    asked.addRequest(unlike, { host: '127.0.0.1', port: peer.port });
    assert.equal(Object.values(agent.sockets).flat().length, 1);
    agent.destroy();
  });
});
