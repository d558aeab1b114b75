import assert from 'node:assert/strict';
import type http from 'node:http';
import type { ClientRequest, RequestOptions } from 'node:http';
import type https from 'node:https';
import net, { type LookupFunction, type Socket } from 'node:net';
import { test } from 'node:test';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { SocketInstrumentation, socketFailureOf } from '../../src/index';
import { listen } from '../support/fresh-port';
import { startSdk } from '../support/sdk';

startSdk();
new SocketInstrumentation();
new HttpInstrumentation();
const clients: { readonly http: typeof http; readonly https: typeof https } = {
  http: require('node:http'),
  https: require('node:https'),
};

const never: LookupFunction = () => undefined;
/** Answers before it returns, as a list of fixed addresses does. */
const atOnce: LookupFunction = (_, { all }, callback) => {
  if (all === true) callback(null, [{ address: '127.0.0.1', family: 4 }]);
  else callback(null, '127.0.0.1', 4);
};

/** Without an agent, which would make the connection itself. */
const own = (createConnection: RequestOptions['createConnection']) => ({ agent: undefined, createConnection });

/** The phase of a request to `api.test` that the program destroys as soon as it has a socket, which is being connected. */
async function phase(client: typeof http | typeof https, port: number, options: RequestOptions): Promise<unknown> {
  const error = await new Promise<unknown>((resolve) => {
    const request: ClientRequest = client.request({ host: 'api.test', port, agent: false, ...options });
    request.on('socket', (socket: Socket) => {
      assert.equal(socket.connecting, true);
      request.destroy();
    });
    request.on('error', resolve).end();
  });
  return socketFailureOf(error)?.phase;
}

for (const scheme of ['http', 'https'] as const) {
  const client = clients[scheme];
  const server = net.createServer((socket) => socket.on('error', () => undefined)).unref();

  test(`${scheme}: the phase is dns as long as Node waits for a name, and connect once it has an address`, async () => {
    const port = await listen(server);
    assert.equal(await phase(client, port, { lookup: never }), 'dns');
    assert.equal(await phase(client, port, { lookup: atOnce }), 'connect');
    assert.equal(await phase(client, port, { host: '127.0.0.1' }), 'connect');
  });
}

test('whether a name is resolved is asked of the socket, not of the name that the request has', async () => {
  const server = net.createServer().unref();
  const port = await listen(server);
  const byAddress = (): Socket => net.connect({ host: '127.0.0.1', port });
  assert.equal(await phase(clients.http, port, own(byAddress)), 'connect');
  /** Hands its socket over when the name was resolved. */
  const late: RequestOptions['createConnection'] = (_, done) => {
    const lookup: LookupFunction = (name, options, callback) => setImmediate(atOnce, name, options, callback);
    const socket = net.connect({ host: 'peer.test', port, lookup });
    socket.once('lookup', () => process.nextTick(done, null, socket));
    return undefined;
  };
  assert.equal(await phase(clients.http, port, own(late)), 'connect');
});

test('of several addresses, the one that was being tried is named', async () => {
  const server = net.createServer().unref();
  const port = await listen(server);
  const two: LookupFunction = (_, __, callback) =>
    callback(
      null,
      ['127.0.0.1', '127.0.0.2'].map((address) => ({ address, family: 4 })),
    );
  const error = await new Promise<unknown>((resolve) => {
    const options = { host: 'api.test', port, agent: false, lookup: two, autoSelectFamily: true } as const;
    const request: ClientRequest = clients.http.request(options);
    request
      .on('socket', () => request.destroy())
      .on('error', resolve)
      .end();
  });
  const { peerAddress, peerPort } = socketFailureOf(error)?.connection ?? {};
  assert.deepEqual([peerAddress, peerPort], ['127.0.0.1', port]);
});
