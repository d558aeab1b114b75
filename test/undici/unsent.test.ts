import assert from 'node:assert/strict';
import { once } from 'node:events';
import net, { type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SpanKind } from '@opentelemetry/api';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { SocketInstrumentation, socketFailureOf } from '../../src/index';
import { clientSpan, type EndedSpan, spansOf, startSdk } from '../support/sdk';
import { type Shop, startShop } from '../support/shop';
import { COPIES, type Undici } from '../support/undici-copies';
import { closedUrl } from '../support/undici-witness';

process.removeAllListeners('warning');
startSdk();
new SocketInstrumentation({ detail: 'full' });
new UndiciInstrumentation();

type Connect = (options: { readonly port: string }, done: (error: null, socket: Duplex) => void) => void;

/** A socket of the program's own that carries its bytes through another one. */
class Carried extends net.Socket {
  readonly #below: Socket;

  constructor(port: number) {
    super();
    this.#below = net.connect(port, '127.0.0.1');
    this.#below.on('connect', () => this.emit('carried'));
    this.#below.on('data', (data) => this.push(data)).on('end', () => this.push(null));
    this.#below.on('error', () => this.destroy()).on('close', () => this.destroy());
  }

  override _read(): void {}

  _writeGeneric(isMany: boolean, data: unknown, encoding: BufferEncoding, done: () => void): void {
    const bytes = isMany
      ? Buffer.concat((data as { chunk: string; encoding: string }[]).map((one) => Buffer.from(one.chunk)))
      : (data as string);
    this.#below.write(bytes, encoding, done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#below.destroy();
    super._destroy(error, done);
  }
}

/** A stream that is no socket at all. */
function duplexTo(port: number): Duplex {
  const below = net.connect(port, '127.0.0.1');
  const duplex = new Duplex({
    read: () => undefined,
    write: (chunk, encoding, done) => below.write(chunk, encoding, done),
    destroy: (error, done) => {
      below.destroy();
      done(error);
    },
  });
  below.on('connect', () => duplex.emit('carried'));
  below.on('data', (data) => duplex.push(data)).on('end', () => duplex.push(null));
  below.on('error', () => duplex.destroy()).on('close', () => duplex.destroy());
  return duplex;
}

const carried: Connect = ({ port }, done) => {
  const socket = new Carried(Number(port));
  socket.once('carried', () => done(null, socket));
};

/** Ways to a connection on which we cannot see what leaves. */
const BLIND: readonly [string, Connect][] = [
  ['a socket that writes by itself', carried],
  [
    'a stream that is no socket',
    ({ port }, done) => {
      const duplex = duplexTo(Number(port));
      duplex.once('carried', () => done(null, duplex));
    },
  ],
  [
    "a socket without Node's count of bytes",
    ({ port }, done) => {
      const socket = net.connect(Number(port), '127.0.0.1', () => done(null, socket));
      Object.defineProperty(socket, '_bytesDispatched', { value: undefined });
    },
  ],
];

/** Of a POST that the server executed: nobody says that it was not. */
function isNotUnsent(shop: Shop, error: unknown, { attributes }: EndedSpan): void {
  assert.equal(shop.executed(), 1, 'the server executed the order');
  const verdict = socketFailureOf(error);
  assert.ok(verdict);
  for (const told of [verdict.sent, attributes['socket.failure.sent']]) assert.notEqual(told, 'none');
  assert.equal(verdict.retrySafe, false);
  assert.equal(attributes['socket.failure.retry_safe'], false);
  assert.doesNotMatch(String(verdict.explanation), /nothing was sent|(?<!not )safe to retry/);
}

/** A body that never ends. */
async function* orderWithoutEnd() {
  yield 'order';
  await new Promise(() => undefined);
}

function post(copy: Undici, url: string, options: object): Promise<unknown> {
  return copy.request(url, { method: 'POST', body: 'order', ...options }).then(
    () => undefined,
    (error: unknown) => error,
  );
}

for (const { name, copy } of COPIES) {
  for (const [way, connect] of BLIND) {
    for (const [what, options] of [
      ['drops', {}],
      ['keeps for too long', { headersTimeout: 300 }],
      ['drops before its body ended', { body: orderWithoutEnd }],
    ] as const) {
      const isKept = what === 'keeps for too long';
      // undici's timers are coarse: one of a second for each copy is enough.
      if (isKept && connect !== carried) continue;
      test(`${name}: a POST that the server ${what} was not unsent: ${way}`, async () => {
        const shop = await startShop((socket) => isKept || setTimeout(() => socket.destroy(), 20));
        const dispatcher = new copy.Agent({ connect, ...options });
        const body = 'body' in options ? options.body() : 'order';
        let error: unknown;
        const span = await clientSpan(async () => {
          error = await post(copy, shop.url, { dispatcher, body });
        });
        isNotUnsent(shop, error, span);
        void dispatcher.destroy();
      });
    }
  }

  test(`${name}: a POST is not unsent if it is aborted with the error of a connect that failed before`, async () => {
    const refused: unknown = await copy.request(await closedUrl()).then(
      () => undefined,
      (error: unknown) => error,
    );
    assert.equal(socketFailureOf(refused)?.kind, 'refused');
    const controller = new AbortController();
    const shop = await startShop(() => controller.abort(refused));
    const dispatcher = new copy.Agent();
    let error: unknown;
    const span = await clientSpan(async () => {
      error = await post(copy, shop.url, { dispatcher, signal: controller.signal });
    });
    assert.equal(error, refused);
    assert.equal(shop.executed(), 1);
    assert.equal(span.attributes['socket.failure.kind'], 'local_abort');
    assert.notEqual(span.attributes['socket.failure.sent'], 'none');
    void dispatcher.destroy();
  });

  for (const secure of [false, true]) {
    test(`${name}, ${secure ? 'https' : 'http'}: a deadline that passes in the queue of a Client sends nothing`, async () => {
      const held: Socket[] = [];
      const shop = await startShop((socket) => held.push(socket), { secure });
      const dispatcher = new copy.Client(shop.url, { connect: { rejectUnauthorized: false } });
      const first = copy.request(`${shop.url}/order`, { dispatcher });
      while (held.length === 0) await new Promise(setImmediate);
      const signal = AbortSignal.timeout(60);
      const waiting = post(copy, `${shop.url}/later`, { dispatcher, body: 'later', signal });
      // The request is a moment younger than its deadline.
      await Promise.all([once(signal, 'abort'), sleep(80)]);
      const spans = await spansOf(SpanKind.CLIENT, 2, async () => {
        // undici reports it when it is its turn.
        held[0]?.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
        await (await first).body.dump();
        await waiting;
      });
      const { attributes } = spans.find((span) => span.attributes['url.path'] === '/later') as EndedSpan;
      assert.equal(attributes['socket.failure.cause'], 'client_timeout');
      assert.equal(attributes['socket.failure.phase'], 'queue');
      assert.equal(attributes['socket.failure.sent'], 'none');
      assert.equal(attributes['socket.failure.retry_safe'], true);
      assert.ok(Number(attributes['socket.queue_ms']) >= 60, String(attributes['socket.queue_ms']));
      void dispatcher.destroy();
    });
  }
}
