import assert from 'node:assert/strict';
import { once } from 'node:events';
import http, { type Agent, type ClientRequest } from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { SocketInstrumentation } from '../../src/index';
import { exchange, type Peer, startPeer } from '../support/peer';

/** The listeners that stand on the socket of an HTTP request only while it is being connected. */
const TRANSIENT = ['lookup', 'connect', 'secureConnect'];
const instrumentation = new SocketInstrumentation({ enabled: false });
let peer: Peer;
let tlsPeer: Peer;

before(async () => {
  [peer, tlsPeer] = await Promise.all([startPeer(), startPeer({ secure: true })]);
});

after(() => Promise.all([peer.stop(), tlsPeer.stop()]));

const counts = (socket: Socket) => TRANSIENT.map((name) => socket.listenerCount(name));

/** A request whose socket has been made and is not connected yet. */
function connecting({ port, secure }: Peer, agent: Agent | false = false): [request: ClientRequest, socket: Socket] {
  const send = secure ? https.request : http.request;
  const options = { host: 'localhost', family: 4, port, path: '/ok', rejectUnauthorized: false };
  const made: Socket[] = [];
  const Pool = secure ? https.Agent : http.Agent;
  const pool = agent === false ? new Pool() : agent;
  const create = pool.createConnection;
  pool.createConnection = (...args: Parameters<typeof create>) => {
    const socket = create.apply(pool, args) as Socket;
    made.push(socket);
    return socket;
  };
  const request = send({ ...options, agent: pool });
  request.on('error', () => undefined).end();
  const [socket] = made;
  assert.ok(socket?.connecting);
  return [request, socket];
}

/** How many listeners of ours stand on a connecting socket. */
function ours(target: Peer, end: (request: ClientRequest, socket: Socket) => unknown): number[] {
  const [plainRequest, plain] = connecting(target);
  const without = counts(plain);
  plainRequest.destroy();
  instrumentation.enable();
  const [request, socket] = connecting(target);
  const within = counts(socket);
  end(request, socket);
  return within.map((count, i) => count - (without[i] ?? 0));
}

test('exception 1: one lookup listener on a connecting socket, gone once connected', async () => {
  let socket: Socket | undefined;
  const [lookup] = ours(peer, (_, its) => {
    socket = its;
  });
  assert.equal(lookup, 1);
  assert.ok(socket);
  await once(socket, 'connect');
  assert.deepEqual(counts(socket), [0, 0, 0]);
  instrumentation.disable();
});

test('exception 2: one connect listener on a connecting socket, gone once it is destroyed', () => {
  const [, connect, secureConnect] = ours(peer, (request, socket) => {
    const before = counts(socket);
    request.destroy();
    if (!socket.destroyed) socket.destroy();
    assert.deepEqual(
      counts(socket),
      before.map((count, i) => (i < 2 ? count - 1 : count)),
    );
  });
  assert.deepEqual([connect, secureConnect], [1, 0]);
  instrumentation.disable();
});

test('exception 3: one secureConnect listener if the socket is TLS, gone once it is secure', async () => {
  let socket: Socket | undefined;
  const added = ours(tlsPeer, (_, its) => {
    socket = its;
  });
  assert.deepEqual(added, [1, 1, 1]);
  assert.ok(socket);
  await once(socket, 'secureConnect');
  assert.equal(socket.listenerCount('secureConnect'), 0);
  assert.equal(socket.listenerCount('lookup'), 0);
  instrumentation.disable();
});

test('all three are gone after disable(), while the socket is still connecting', () => {
  const [plainRequest, plain] = connecting(tlsPeer);
  const without = counts(plain);
  plainRequest.destroy();
  instrumentation.enable();
  const [request, socket] = connecting(tlsPeer);
  assert.notDeepEqual(counts(socket), without);
  instrumentation.disable();
  assert.ok(socket.connecting);
  assert.deepEqual(counts(socket), without);
  request.destroy();
});

test('a response that nobody reads is drained, its socket returns to the pool, and an idle socket holds nothing up', async () => {
  instrumentation.enable();
  const agent = new http.Agent({ keepAlive: true });
  const request = http.get({ host: '127.0.0.1', port: peer.port, path: '/ok', agent });
  const [socket] = (await once(request, 'socket')) as [Socket & { _handle: { hasRef(): boolean } }];
  await once(agent, 'free');
  await new Promise(setImmediate);
  assert.deepEqual(Object.values(agent.freeSockets), [[socket]]);
  assert.deepEqual(agent.sockets, Object.create(null));
  assert.equal(socket._handle.hasRef(), false);
  agent.destroy();
  instrumentation.disable();
});

const collect: () => void = (() => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc');
})();

/** Whether all become garbage within some turns of the event loop. */
async function vanish(refs: readonly WeakRef<object>[]): Promise<boolean> {
  for (let turn = 0; turn < 50; turn++) {
    collect();
    if (refs.every((ref) => ref.deref() === undefined)) return true;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return false;
}

async function references(target: Peer, path: string, agent: Agent): Promise<WeakRef<object>[]> {
  const refs: WeakRef<object>[] = [];
  const tap = (request: ClientRequest) => {
    refs.push(new WeakRef(request));
    request.on('socket', (socket) => refs.push(new WeakRef(socket)));
    request.on('response', (response) => refs.push(new WeakRef(response)));
  };
  await exchange(target, path, { agent, tap });
  return refs;
}

test('requests, responses and sockets become garbage as before: answered, refused, cut, dropped', async () => {
  instrumentation.enable();
  const refs: WeakRef<object>[] = [];
  for (const target of [peer, tlsPeer]) {
    const agent = target.secure ? new https.Agent({ keepAlive: true }) : new http.Agent({ keepAlive: true });
    for (const path of ['/ok', '/ok', '/cut-fin', '/cut-rst', '/drop-fin', '/drop-rst', '/garbage']) {
      refs.push(...(await references(target, path, agent)));
    }
    refs.push(...(await references({ ...target, secure: target.secure, port: 1 }, '/ok', agent)));
    agent.destroy();
  }
  assert.ok(refs.length >= 40);
  assert.ok(await vanish(refs), `${refs.filter((ref) => ref.deref() !== undefined).length} of ${refs.length} are kept`);
  instrumentation.disable();
});

test('a request and its response become garbage while their connection waits in the pool', async () => {
  instrumentation.enable();
  const agent = new http.Agent({ keepAlive: true });
  const [request, , response] = await references(peer, '/ok', agent);
  assert.ok(request && response);
  assert.equal(Object.values(agent.freeSockets).length, 1);
  assert.ok(await vanish([request, response]));
  agent.destroy();
  instrumentation.disable();
});
