import assert from 'node:assert/strict';
import { once } from 'node:events';
import net, { type Socket } from 'node:net';
import { after, afterEach, before, test } from 'node:test';
import tls from 'node:tls';
import { SocketInstrumentation } from '../../src/index';
import { type Peer, startPeer } from '../support/peer';
import { CLIENTS } from '../support/undici-copies';

process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
process.removeAllListeners('warning');
const instrumentation = new SocketInstrumentation({ enabled: false });
const TRANSIENT = ['lookup', 'connect', 'secureConnect'];
let peer: Peer;
let tlsPeer: Peer;

before(async () => {
  [peer, tlsPeer] = await Promise.all([startPeer(), startPeer({ secure: true })]);
});
after(() => Promise.all([peer.stop(), tlsPeer.stop()]));
afterEach(() => instrumentation.disable());

const urlOf = ({ port, secure }: Peer) => `${secure ? 'https' : 'http'}://localhost:${port}/not-pooled`;

/** The listeners on each socket that `work` makes, while it is being connected. */
async function listenersDuring(work: () => Promise<unknown>): Promise<Map<Socket, number[]>> {
  const { connect } = net.Socket.prototype;
  const found = new Map<Socket, number[]>();
  net.Socket.prototype.connect = function (this: Socket, ...args: never[]) {
    const look = () => {
      assert.ok(this.connecting);
      found.set(
        this,
        TRANSIENT.map((event) => this.listenerCount(event)),
      );
    };
    // From Node 22 on its birth is published within this call, and looked at one tick later.
    process.nextTick(process.nextTick, look);
    return Reflect.apply(connect, this, args);
  } as typeof connect;
  try {
    await work();
  } finally {
    net.Socket.prototype.connect = connect;
  }
  return found;
}

for (const { name, send } of CLIENTS) {
  test(`${name}: a connecting socket has one listener each of ours, gone once connected`, async () => {
    for (const target of [peer, tlsPeer]) {
      const [bare] = (await listenersDuring(() => send(urlOf(target)))).values();
      instrumentation.enable();
      const [[socket, counts] = []] = await listenersDuring(async () => {
        const sent = send(urlOf(target));
        await sent;
      });
      assert.ok(socket && counts && bare);
      const added = counts.map((count, i) => count - (bare[i] ?? 0));
      assert.deepEqual(added, [1, 1, target.secure ? 1 : 0]);
      assert.deepEqual(
        TRANSIENT.map((event) => socket.listenerCount(event)),
        [0, 0, 0],
      );
      instrumentation.disable();
    }
  });

  test(`${name}: sockets of others, made at the same time, have no listener of ours`, async () => {
    const others = async () => {
      const sent = send(urlOf(peer));
      const made = [
        net.connect(peer.port, 'localhost'),
        tls.connect(tlsPeer.port, 'localhost', { rejectUnauthorized: false }),
      ];
      const found = await listenersDuring(async () => {
        await new Promise(process.nextTick);
        made.push(net.connect(peer.port, 'localhost'));
        await new Promise(setImmediate);
      });
      const early = made.slice(0, 2).map((socket) => TRANSIENT.map((event) => socket.listenerCount(event)));
      const late = found.get(made[2] as Socket);
      await Promise.all([sent, ...made.map((socket, i) => once(socket, i === 1 ? 'secureConnect' : 'connect'))]);
      for (const socket of made) socket.destroy();
      return [...early, late];
    };
    const bare = await others();
    instrumentation.enable();
    assert.deepEqual(await others(), bare);
  });
}

test('a test library that fakes process.nextTick sees none of our calls', async () => {
  const { nextTick } = process;
  const callers: string[] = [];
  process.nextTick = (...args: Parameters<typeof nextTick>) => {
    callers.push(String(new Error('who').stack?.split('\n')[2]));
    nextTick(...args);
  };
  try {
    instrumentation.enable();
    for (const { send } of CLIENTS) await send(urlOf(peer));
    await Promise.all(CLIENTS.map(({ send }) => send('http://127.0.0.1:1/').catch(() => undefined)));
  } finally {
    process.nextTick = nextTick;
  }
  assert.ok(callers.length > 0);
  assert.deepEqual(
    callers.filter((line) => /[/\\]src[/\\]observe[/\\]/.test(line)),
    [],
  );
});
