import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { SocketInstrumentation, socketFailureOf } from '../../src/index';
import { exchange, startPeer } from '../support/peer';

new SocketInstrumentation();

const NAMES = ['stackTraceLimit', 'prepareStackTrace'] as const;
const descriptors = () => NAMES.map((name) => Object.getOwnPropertyDescriptor(Error, name));
const before = descriptors();

afterEach(() => {
  for (const [i, name] of NAMES.entries()) {
    const descriptor = before[i];
    if (descriptor === undefined) Reflect.deleteProperty(Error, name);
    else Object.defineProperty(Error, name, descriptor);
  }
});

const touched: unknown[] = [];

/** What programs do to `Error`, of which the stack is read when a connection fails. */
const PROGRAMS: Readonly<Record<string, () => void>> = {
  'guards prepareStackTrace': () =>
    Object.defineProperty(Error, 'prepareStackTrace', {
      get: () => undefined,
      set: (value) => touched.push(value),
      configurable: true,
    }),
  'has its own prepareStackTrace': () => {
    Error.prepareStackTrace = (error) => String(error);
  },
  'deletes stackTraceLimit': () => Reflect.deleteProperty(Error, 'stackTraceLimit'),
  'wants no stacks': () => {
    Error.stackTraceLimit = 0;
  },
};

for (const [what, prepare] of Object.entries(PROGRAMS))
  test(`a program finds Error unchanged after a failure of which the stack was read, if it ${what}`, async () => {
    const peer = await startPeer();
    prepare();
    const theirs = descriptors();
    touched.length = 0;
    const { errors } = await exchange(peer, '/drop-rst?20', { agent: false });
    assert.deepEqual(descriptors(), theirs);
    assert.deepEqual(touched, []);
    assert.equal(socketFailureOf(errors[0])?.retrySafe, true, 'it was read');
    await peer.stop();
  });
