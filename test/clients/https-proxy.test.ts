import assert from 'node:assert/strict';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { after, test } from 'node:test';
import { socketFailureOf } from '../../src/index';
import { listen } from '../support/fresh-port';
import { tlsFixture } from '../support/root';
import { clientSpan } from '../support/sdk';
import { doesNotFail, send, startPeer } from '../support/verdict';

// An ES module, which Node 20.19 and up can require.
const { HttpsProxyAgent } = require('https-proxy-agent');
const pem = { key: tlsFixture('key.pem'), cert: tlsFixture('cert.pem') };

/** A proxy that is spoken to over TLS, and makes every tunnel. */
async function startProxy(): Promise<string> {
  const open = new Set<net.Socket>();
  const proxy = https.createServer(pem).on('connect', ({ url = '' }: http.IncomingMessage, client: net.Socket) => {
    const [host, port] = url.split(':');
    const origin = net.connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      client.pipe(origin).pipe(client);
    });
    for (const socket of [client, origin]) socket.on('error', () => undefined).on('close', () => open.delete(socket));
    open.add(client).add(origin);
  });
  after(() => {
    for (const socket of open) socket.destroy();
    proxy.close();
  });
  return `https://127.0.0.1:${await listen(proxy)}`;
}

test('TLS inside TLS, through a proxy of https: the error that the origin answers is no denied tunnel', async () => {
  let executed = 0;
  const origin = https.createServer(pem, (request, response) => {
    request.resume();
    executed += 1;
    response.writeHead(500).end('sorry');
  });
  after(() => origin.close());
  const agent = new HttpsProxyAgent(await startProxy(), { keepAlive: true, rejectUnauthorized: false });
  after(() => agent.destroy());
  const peer = { port: await listen(origin), secure: true };
  for (const reuses of [0, 1]) {
    const { attributes } = await doesNotFail(() => send(peer, '/', { agent, method: 'POST' }));
    assert.equal(attributes['http.response.status_code'], 500);
    assert.equal(attributes['socket.reuse_count'], reuses);
  }
  assert.equal(executed, 2);
});

test('TLS inside TLS, through a proxy of https: a POST that the origin dropped may have been executed', async () => {
  const peer = await startPeer({ secure: true });
  const agent = new HttpsProxyAgent(await startProxy(), { keepAlive: true, rejectUnauthorized: false });
  after(() => agent.destroy());
  const { error } = await send(peer, '/drop-fin', { agent, method: 'POST' });
  const failure = socketFailureOf(error);
  assert.equal(peer.requests, 1);
  assert.equal(failure?.initiator, 'remote', failure?.explanation);
  assert.notEqual(failure?.sent, 'none');
  assert.equal(failure?.retrySafe, false);
});

test('an error of the origin through a tunnel in JavaScript of a proxy agent is no denied tunnel', async () => {
  /** Takes what is written, and answers as the origin does. */
  class Tunnel extends net.Socket {
    override _read(): void {}

    override _write(_chunk: Buffer, _: BufferEncoding, done: () => void): void {
      done();
      setImmediate(() => {
        this.push('HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n');
        this.push(null);
        this.destroySoon();
      });
    }

    override _final(done: () => void): void {
      done();
    }

    override _writev(_chunks: unknown, done: () => void): void {
      this._write(Buffer.alloc(0), 'latin1', done);
    }
  }
  const agent = Object.assign(new http.Agent(), {
    proxy: new URL('http://proxy'),
    createConnection: () => new Tunnel(),
  });
  const { attributes } = await clientSpan(() => send({ port: 80, secure: false }, '/', { agent, method: 'POST' }));
  assert.equal(attributes['http.response.status_code'], 500);
  assert.equal(attributes['socket.failure.kind'], undefined);
});
