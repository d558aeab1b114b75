import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { SocketInstrumentation, socketFailureOf } from '../../src/index';
import { NODE, UNDICI } from '../../src/observe/process/private-members';
import { clientSpan, startSdk } from '../support/sdk';
import { startShop } from '../support/shop';
import { COPIES, type Undici } from '../support/undici-copies';
import { closedUrl } from '../support/undici-witness';

process.removeAllListeners('warning');
startSdk();
new SocketInstrumentation({ detail: 'full' });
new UndiciInstrumentation();

/** What becomes of an order that the server has read, and who did it. */
const ENDS: Readonly<Record<string, readonly [by: 'remote' | 'local', (socket: Socket, abort: () => void) => void]>> = {
  FIN: ['remote', (socket) => socket.end()],
  RST: ['remote', (socket) => ((Reflect.get(socket, '_parent') as Socket | null) ?? socket).resetAndDestroy()],
  'a cut answer': [
    'remote',
    (socket) => {
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart');
    },
  ],
  abort: ['local', (_, abort) => abort()],
};

async function order(copy: Undici, how: keyof typeof ENDS, secure: boolean, what: string): Promise<void> {
  const [by, end] = ENDS[how] ?? assert.fail();
  const controller = new AbortController();
  const shop = await startShop((socket) => end(socket, () => controller.abort()), { secure });
  const dispatcher = new copy.Agent({ connect: { rejectUnauthorized: false } });
  let error: unknown;
  const { attributes } = await clientSpan(async () => {
    const options = { dispatcher, method: 'POST', body: 'order', signal: controller.signal };
    const sent = copy.request(shop.url, options).then(({ body }) => body.text());
    error = await sent.then(
      () => undefined,
      (reason: unknown) => reason,
    );
  });
  const told = socketFailureOf(error);
  assert.equal(shop.executed(), 1, what);
  assert.ok(error, what);
  assert.notEqual(told?.sent, 'none', what);
  assert.notEqual(told?.retrySafe, true, what);
  assert.notEqual(attributes['socket.failure.retry_safe'], true, what);
  assert.notEqual(told?.initiator, by === 'remote' ? 'local' : 'remote', `${what}: ${told?.explanation}`);
  assert.ok(!['dns', 'connect', 'tls', 'proxy', 'queue'].includes(told?.phase ?? ''), `${what}: ${told?.phase}`);
  void dispatcher.destroy();
}

/** Plays with a member that has another name in this version. */
async function without(member: { readonly name: string }, play: () => Promise<void>): Promise<void> {
  const { name } = member;
  Reflect.set(member, 'name', `${name} of another version`);
  try {
    await play();
  } finally {
    Reflect.set(member, 'name', name);
  }
}

for (const { name, copy } of COPIES) {
  for (const [key, member] of [...Object.entries(UNDICI), ...Object.entries(NODE)]) {
    test(`${name}: without ${key} of ${member.of} no false word is said of an order that was executed`, async () => {
      await without(member, async () => {
        for (const how in ENDS) await order(copy, how, how === 'RST' || how === 'abort', `${how}, without ${key}`);
        const url = await closedUrl();
        const span = await clientSpan(() => copy.request(url, { method: 'POST', body: 'x' }).catch(() => undefined));
        assert.equal(span.attributes['socket.failure.kind'], 'refused');
      });
    });
  }
}
