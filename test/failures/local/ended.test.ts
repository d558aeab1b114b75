import { once } from 'node:events';
import http, { type ClientRequest } from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { context } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { type Expected, fails, send, warmAgent } from '../../support/verdict';
import { ANSWERED, CANCELLED, DEADLINE } from './expected';

const ENDED: Expected = { ...CANCELLED, confidence: 'possible' };
const POOL_CLOSED: Expected = {
  ...DEADLINE,
  kind: 'local_close',
  phase: 'request',
  cause: 'pool_closed',
  sent: 'none',
};

const CUT: Expected = { ...DEADLINE, kind: 'truncated', phase: 'response', cause: 'unknown', confidence: 'possible' };

/** It answers `/ok`, and a FIN with its own; but it goes on with `/half` for a while, and ends it too early. */
const server = net.createServer({ allowHalfOpen: true }, (socket) => {
  let isBegun = false;
  socket.on('end', () => isBegun || socket.end());
  socket.on('error', () => undefined);
  socket.on('data', (bytes) => {
    if (String(bytes).includes(' /ok')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    if (!String(bytes).includes(' /half')) return;
    isBegun = true;
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n');
    setTimeout(() => socket.write('half'), 100);
    setTimeout(() => socket.end(), 150);
  });
});
after(() => server.close());

async function startPeer() {
  if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening');
  return { port: (server.address() as AddressInfo).port, secure: false };
}

test('the program ends the socket of a request: the peer only answers that', async () => {
  const peer = await startPeer();
  const end = (request: ClientRequest) => request.on('finish', () => setTimeout(() => request.socket?.end(), 50));
  const agent = await warmAgent(peer);
  await fails(ENDED, () => send(peer, '/hang', { agent, tap: end }));
  const atTimer = (request: ClientRequest) => request.setTimeout(50, () => request.socket?.end());
  await fails({ ...DEADLINE, confidence: 'possible' }, () => send(peer, '/hang', { tap: atTimer }));
});

test("the program destroys it in a method of its agent, which Node's client calls directly", async () => {
  const peer = await startPeer();
  let older: ClientRequest | undefined;
  class Evicting extends http.Agent {
    addRequest(...args: readonly unknown[]): void {
      older?.socket?.destroy();
      Object.getPrototypeOf(Evicting.prototype).addRequest.apply(this, args);
    }
  }
  const get = () => http.get({ ...peer, path: '/ok', agent: new Evicting() }, (response) => response.resume());
  const evict = () => context.with(suppressTracing(context.active()), get);
  const tap = (request: ClientRequest) => {
    older = request;
    request.on('finish', () => setTimeout(evict, 50));
  };
  await fails(ENDED, () => send(peer, '/hang', { tap }));
});

test('the program ends its side after the request, and the peer ends its own in the middle of the response', async () => {
  const peer = await startPeer();
  const half = (request: ClientRequest) => request.on('finish', () => request.socket?.end());
  await fails({ ...CUT, initiator: 'unknown', sent: 'received' }, () => send(peer, '/half', { tap: half }));
  const atTimer = (request: ClientRequest) => request.setTimeout(50, () => request.socket?.end());
  // The timer may fire again, just before the end.
  const or = { kind: 'local_timeout', cause: 'client_timeout', retrySafe: true } as const;
  const expected: Expected = { ...CANCELLED, ...ANSWERED, confidence: 'possible', or };
  await fails(expected, () => send(peer, '/half', { tap: atTimer }));
});

test("a pooled connection that the program itself had ended is not the peer's doing", async () => {
  const peer = await startPeer();
  const agent = await warmAgent(peer);
  let [socket] = Object.values(agent.freeSockets).flat() as (Socket | undefined)[];
  if (socket === undefined) [socket] = (await once(agent, 'free')) as [Socket];
  socket.end();
  await fails(POOL_CLOSED, () => send(peer, '/hang', { agent, method: 'POST' }));
});
