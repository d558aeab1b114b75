import { EventEmitter } from 'node:events';
import net, { type LookupFunction } from 'node:net';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { closedPort } from '../../support/fresh-port';
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
wrap(net.Socket.prototype, 'destroy');

/** As zone.js and others do, to keep a context. */
const { nextTick } = process;
process.nextTick = (callback, ...args) => nextTick.call(process, () => Reflect.apply(callback, undefined, args));

function found(all: boolean | undefined, callback: Parameters<LookupFunction>[2]): void {
  if (all === true) callback(null, [{ address: '127.0.0.1', family: 4 }]);
  else callback(null, '127.0.0.1', 4);
}

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

  const UNSENT: Expected = { ...CUT, kind: 'dns', phase: 'dns', sent: 'none', retrySafe: true, confidence: 'certain' };

  test(`${scheme}, wrapped methods: a refused connect is the peer's, and not an end by the program`, async () => {
    const refused: Expected = { ...UNSENT, kind: 'refused', phase: 'connect', cause: 'not_listening' };
    const port = await closedPort();
    const expected: Expected = { ...refused, confidence: 'likely', initiator: 'remote' };
    await fails(expected, () => send({ port, secure }, '/ok', { method: 'POST' }));
  });

  test(`${scheme}, wrapped methods: a failed look-up is name_not_resolved, and not an end by the program`, async () => {
    const error = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND', syscall: 'getaddrinfo' });
    const lookup: LookupFunction = (_, __, callback) => void setImmediate(callback, error, '');
    const expected: Expected = { ...UNSENT, cause: 'name_not_resolved', initiator: 'unknown' };
    await fails(expected, () => send({ port: 1, secure }, '/ok', { host: 'x.invalid', lookup, method: 'POST' }));
  });

  test(`${scheme}, wrapped methods: a failed bind is the machine's, and not an end by the program`, async () => {
    const expected: Expected = {
      ...UNSENT,
      kind: 'local_resource',
      phase: 'connect',
      cause: 'local_resource',
      initiator: 'local',
    };
    const options = { localAddress: '203.0.113.9', method: 'POST' };
    await fails(expected, () => send({ port: 1, secure }, '/ok', options));
    // Within the callback of a look-up that the program, or a wrapper of `dns.lookup`, calls.
    const lookup: LookupFunction = (_, { all }, callback) => void setImmediate(found, all, callback);
    await fails(expected, () => send({ port: 1, secure }, '/ok', { ...options, host: 'api.test', lookup }));
  });
}
