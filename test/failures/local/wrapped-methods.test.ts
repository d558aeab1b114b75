import { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { CUT, type Expected, fails, send, startPeer } from '../../support/verdict';

/** As monitoring agents do: each event, and each `destroy()`, passes through a function that is not Node's. */
function wrap<K extends PropertyKey>(holder: Record<K, unknown>, name: K): void {
  const original = holder[name] as (...args: unknown[]) => unknown;
  holder[name] = function wrapped(this: unknown, ...args: unknown[]) {
    return Reflect.apply(original, this, args);
  };
}
wrap(EventEmitter.prototype, 'emit');
wrap(Readable.prototype, 'destroy');

for (const secure of [false, true]) {
  const scheme = secure ? 'https' : 'http';

  test(`${scheme}, wrapped methods: what Node's parser did not accept is the request's own`, async () => {
    const peer = await startPeer({ secure });
    const garbled: Expected = { ...CUT, kind: 'protocol', cause: 'protocol_mismatch', confidence: 'possible' };
    await fails(garbled, () => send(peer, '/garbage'));
  });

  test(`${scheme}, wrapped methods: a response that was cut is, too`, async () => {
    const peer = await startPeer({ secure });
    for (const path of ['/cut-fin', '/cut-rst']) await fails(CUT, () => send(peer, path));
  });
}
