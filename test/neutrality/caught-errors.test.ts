import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SocketInstrumentation, socketFailureOf } from '../../src/index';
import { exchange, type Peer, startPeer } from '../support/peer';

new SocketInstrumentation();

/** How often the `errors` of an error are read that lead back to itself, `entries` times. */
function reads(entries: number, make: (self: Error) => Error): number {
  let count = 0;
  const error = new Error('cyclic');
  const errors = {
    get() {
      count += 1;
      return count > 20_000 ? [] : Array.from({ length: entries }, () => make(error));
    },
  };
  Object.defineProperty(error, 'errors', errors);
  assert.equal(socketFailureOf(error), undefined);
  return count;
}

for (const entries of [1, 2, 3, 16, 100]) {
  test(`an error whose errors are itself, ${entries} times, is read once`, () => {
    assert.equal(
      reads(entries, (self) => self),
      1,
    );
  });

  test(`an error whose errors are ${entries} new ones at each read is read only a few times`, () => {
    const made = (self: Error): Error =>
      Object.defineProperty(new Error('new'), 'errors', Object.getOwnPropertyDescriptor(self, 'errors') ?? {});
    assert.ok(reads(entries, made) <= 100);
  });
}

test('an endless cause chain is followed to a limit', async () => {
  const peer = await startPeer();
  const { error: caught } = await exchange(peer, '/drop-fin', { agent: false });
  await peer.stop();
  let deep = caught;
  for (let i = 0; i < 20; i += 1) deep = new Error('outer', { cause: deep });
  assert.equal(socketFailureOf(deep)?.kind, 'closed');
  assert.equal(socketFailureOf(new AggregateError([1, null, deep]))?.kind, 'closed');
  assert.equal(socketFailureOf(new AggregateError([1, null, deep]))?.retrySafe, false);
  let deeper = caught;
  for (let i = 0; i < 10_000; i += 1) deeper = new Error('outer', { cause: deeper });
  assert.equal(socketFailureOf(deeper), undefined);
});

for (const order of ['first', 'last']) {
  test(`Promise.any of two POSTs, the one that was refused ${order}: not safe, as the other was executed`, async () => {
    const [peer, gone] = [await startPeer(), await startPeer()];
    await gone.stop();
    const post = async (to: Peer) => {
      const { error } = await exchange(to, '/drop-fin', { agent: false, method: 'POST' });
      throw error;
    };
    const both = order === 'first' ? [gone, peer] : [peer, gone];
    const caught = await Promise.any(both.map(post)).catch((error: unknown) => error);
    assert.equal(peer.requests, 1);
    assert.equal(socketFailureOf(caught)?.retrySafe, false);
    assert.equal(socketFailureOf(caught)?.cause, undefined);
    assert.equal(socketFailureOf(caught)?.initiator, 'remote');
    const refused = await Promise.any([gone, gone].map(post)).catch((error: unknown) => error);
    assert.equal(socketFailureOf(refused)?.retrySafe, true);
    const unread = Array.from({ length: 64 }, () => (refused as AggregateError).errors[0]);
    assert.equal(socketFailureOf(new AggregateError(unread))?.retrySafe, true);
    for (const errors of [unread, [refused]])
      assert.equal(socketFailureOf(new AggregateError([...errors, caught]))?.retrySafe, false, 'more than are read');
    assert.equal(socketFailureOf(refused)?.cause, 'not_listening');
    await peer.stop();
  });
}

test('an attempt that was never sent, with the error of one that was executed as its cause: not safe', async () => {
  const [peer, gone] = [await startPeer(), await startPeer()];
  await gone.stop();
  const { error: executed } = await exchange(peer, '/drop-fin', { agent: false, method: 'POST' });
  const { error: refused } = await exchange(gone, '/ok', { agent: false, method: 'POST' });
  assert.deepEqual(
    [executed, refused].map((error) => socketFailureOf(error)?.retrySafe),
    [false, true],
  );
  assert.ok(refused instanceof Error);
  const alone = socketFailureOf(refused);
  refused.cause = refused;
  assert.equal(socketFailureOf(refused), alone);
  refused.cause = executed;
  assert.equal(socketFailureOf(refused)?.retrySafe, false);
  assert.equal(socketFailureOf(new Error('outer', { cause: refused }))?.retrySafe, false);
  await peer.stop();
});

const throwing = () => {
  throw new Error('trap');
};
const revoked = Proxy.revocable([], {});
revoked.revoke();
const ODD: Readonly<Record<string, unknown>> = {
  'a revoked proxy': revoked.proxy,
  'a list whose entries cannot be read': new Proxy([], { get: throwing }),
  'a list with a length that is none': new Proxy([], { get: (_, key) => (key === 'length' ? -1 : throwing()) }),
  'a revoked proxy in a list': [revoked.proxy],
  'a number': 5,
  'an object whose prototype cannot be asked': new Proxy({}, { getPrototypeOf: throwing, has: throwing }),
};

for (const [what, value] of Object.entries(ODD)) {
  for (const key of ['errors', 'cause']) {
    test(`${what} as ${key} is no verdict, and throws nothing`, () => {
      assert.equal(socketFailureOf(Object.assign(new Error('x'), { [key]: value })), undefined);
    });
  }
  test(`${what} as the error itself is no verdict, and throws nothing`, () => {
    assert.equal(socketFailureOf(value), undefined);
  });
}

test('a wrapper with the code of its cause stands for that, a deadline of its own may stand for more', async () => {
  const gone = await startPeer();
  await gone.stop();
  const { error: cause } = await exchange(gone, '/ok', { agent: false, method: 'POST' });
  // As `connect ETIMEDOUT` is: the code alone would be that of a timeout which a library enforced.
  Object.assign(cause as object, { code: 'ETIMEDOUT' });
  const wrapped = (name: string, code?: string) => Object.assign(new Error('wrapped', { cause }), { name, code });
  assert.equal(socketFailureOf(wrapped('AxiosError', 'ETIMEDOUT'))?.retrySafe, true);
  assert.equal(socketFailureOf(wrapped('RequestError', 'ECONNABORTED'))?.retrySafe, false);
  assert.equal(socketFailureOf(wrapped('TimeoutError'))?.retrySafe, false);
  assert.equal(socketFailureOf(wrapped('AbortError'))?.retrySafe, false);
});
