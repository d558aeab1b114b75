import assert from 'node:assert/strict';
import diagnosticsChannel from 'node:diagnostics_channel';
import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { test } from 'node:test';
import tls from 'node:tls';
import shimmer from 'shimmer';
import { SocketInstrumentation } from '../../src/index';

const OURS: readonly (readonly [prototype: object, method: string])[] = [
  ...['addRequest', 'createSocket', 'removeSocket', 'destroy'].map((name) => [http.Agent.prototype, name] as const),
  [http.ClientRequest.prototype, 'onSocket'],
  [http.IncomingMessage.prototype, '_destroy'],
  [net.Socket.prototype, '_destroy'],
  [net.Socket.prototype, '_final'],
  [net.Socket.prototype, '_onTimeout'],
  [net.Socket.prototype, '_writeGeneric'],
];
/** Once undici is about to connect over TLS, as Node 20 does not publish the creation of such a socket. */
const OURS_ON_TLS: typeof OURS =
  Number.parseInt(process.versions.node, 10) < 22 ? [...OURS, [tls.TLSSocket.prototype, '_init']] : OURS;
const PROTOTYPES = [
  ...new Set([...OURS.map(([prototype]) => prototype), tls.TLSSocket.prototype]),
  http.Server.prototype,
  http.ServerResponse.prototype,
  net.Server.prototype,
  http,
  net,
  tls,
];
const CHANNELS = [
  'net.client.socket',
  'net.server.socket',
  'http.client.request.created',
  'http.client.request.start',
  'http.client.request.error',
  'http.client.response.finish',
  'http.server.request.start',
  'http.server.response.finish',
  'undici:client:beforeConnect',
  'undici:client:connected',
  'undici:client:connectError',
  'undici:client:sendHeaders',
  'undici:request:create',
  'undici:request:bodyChunkSent',
  'undici:request:bodySent',
  'undici:request:headers',
  'undici:request:trailers',
  'undici:request:error',
];

type Methods = Record<string, (...args: never[]) => unknown>;

const descriptors = () => PROTOTYPES.map((prototype) => Object.getOwnPropertyDescriptors(prototype));
const subscribed = () => CHANNELS.filter((name) => diagnosticsChannel.channel(name).hasSubscribers);
const functionOf = ([prototype, method]: (typeof OURS)[number]) => (prototype as Methods)[method];

/** What can be seen of a prototype without comparing functions by identity. */
function faces(): unknown[] {
  return PROTOTYPES.map((prototype) =>
    Reflect.ownKeys(prototype).map((key) => {
      const { value, get, set, ...flags } = Object.getOwnPropertyDescriptor(prototype, key) ?? {};
      const face = typeof value === 'function' ? [value.name, value.length, typeof value.prototype] : typeof value;
      return [key, face, typeof get, typeof set, flags];
    }),
  );
}

/** What undici publishes before it connects over TLS. */
function announceTls(): void {
  const connectParams = { protocol: 'https:', hostname: 'localhost', port: '' };
  diagnosticsChannel.channel('undici:client:beforeConnect').publish({ connectParams });
}

/** One request and response over a connection that is kept, with the prototypes as they are now. */
async function roundTrip(): Promise<void> {
  const server = http.createServer((_, response) => response.end('ok'));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const agent = new http.Agent({ keepAlive: true });
  const request = http.get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', agent });
  const [response] = await once(request, 'response');
  response.resume();
  await once(response, 'end');
  agent.destroy();
  server.close();
  await once(server, 'close');
}

test('what is patched keeps its name, length, order and flags; disable() gives back the very same functions', () => {
  const before = { descriptors: descriptors(), faces: faces(), subscribed: subscribed() };
  const instrumentation = new SocketInstrumentation({ enabled: false });
  assert.deepEqual(descriptors(), before.descriptors, 'a disabled instance patched something');
  const originals = OURS_ON_TLS.map(functionOf);
  for (let round = 0; round < 10; round++) {
    instrumentation.enable();
    instrumentation.enable();
    announceTls();
    assert.deepEqual(faces(), before.faces);
    OURS_ON_TLS.forEach((each, i) => {
      assert.notEqual(functionOf(each), originals[i], `${each[1]} is listed here but not patched`);
    });
    assert.ok(subscribed().length > 0);
    instrumentation.disable();
    instrumentation.disable();
    assert.deepEqual(descriptors(), before.descriptors);
    OURS_ON_TLS.forEach((each, i) => {
      assert.equal(functionOf(each), originals[i]);
    });
    assert.deepEqual(subscribed(), before.subscribed);
  }
});

test('nothing else is patched: http.request, Server.prototype.emit, Socket.prototype.connect and all the rest', () => {
  const flat = () => PROTOTYPES.flatMap((each) => Object.entries(Object.getOwnPropertyDescriptors(each)));
  const before = flat();
  const changed = () =>
    flat()
      .filter(([, { value }], i) => value !== before[i]?.[1].value)
      .map(([name]) => name);
  const methods = (ours: typeof OURS) => ours.map(([, method]) => method).sort();
  const instrumentation = new SocketInstrumentation();
  assert.deepEqual(changed().sort(), methods(OURS));
  announceTls();
  assert.deepEqual(changed().sort(), methods(OURS_ON_TLS));
  instrumentation.disable();
});

for (const [how, wrapWith] of [
  ['shimmer', (methods: Methods, name: string, wrapper: Methods[string]) => shimmer.wrap(methods, name, () => wrapper)],
  [
    'hand',
    (methods: Methods, name: string, wrapper: Methods[string]) => {
      methods[name] = wrapper;
    },
  ],
] as const) {
  /** Wraps all that we patch, once; counts the calls. */
  function wrapAll(calls: Set<string>): () => void {
    const undos = OURS.map(([prototype, name]) => {
      const methods = prototype as Methods;
      const below = methods[name];
      const theirs = function (this: unknown, ...args: never[]) {
        calls.add(name);
        return below?.apply(this, args);
      };
      wrapWith(methods, name, theirs);
      return () => {
        assert.equal(methods[name], theirs, `another's wrapper of ${name} was taken away`);
        wrapWith(methods, name, below as Methods[string]);
      };
    });
    return () => {
      for (const undo of undos) undo();
    };
  }
  const USED = ['_destroy', '_writeGeneric', 'addRequest', 'createSocket', 'destroy', 'onSocket', 'removeSocket'];

  test(`another's wrapper on top, made by ${how}, stays, and ours passes everything through after disable()`, async () => {
    const before = OURS.map(functionOf);
    const instrumentation = new SocketInstrumentation();
    const calls = new Set<string>();
    const unwrapAll = wrapAll(calls);
    for (let round = 0; round < 3; round++) {
      await roundTrip();
      assert.deepEqual([...calls].sort(), USED);
      instrumentation.disable();
      calls.clear();
      await roundTrip();
      assert.deepEqual([...calls].sort(), USED);
      instrumentation.enable();
    }
    instrumentation.disable();
    unwrapAll();
    await roundTrip();
    assert.deepEqual(
      OURS.map((each) => functionOf(each)?.name),
      before.map((method) => method?.name),
    );
    OURS.forEach(([prototype, name], i) => {
      (prototype as Methods)[name] = before[i] as Methods[string];
    });
  });

  test(`another's wrapper below, made by ${how}, is what disable() gives back`, async () => {
    const before = OURS.map(functionOf);
    const calls = new Set<string>();
    const unwrapAll = wrapAll(calls);
    const instrumentation = new SocketInstrumentation();
    await roundTrip();
    assert.deepEqual([...calls].sort(), USED);
    instrumentation.disable();
    unwrapAll();
    OURS.forEach(([prototype, name], i) => {
      (prototype as Methods)[name] = before[i] as Methods[string];
    });
  });
}
