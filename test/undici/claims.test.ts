import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net, { type Server, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import tls from 'node:tls';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { SocketInstrumentation, socketFailureOf } from '../../src/index';
import { listen } from '../support/fresh-port';
import { TestMeter, total } from '../support/metric-reader';
import { tlsFixture } from '../support/root';
import { clientSpan, ended, startSdk } from '../support/sdk';
import { COPIES, type Dispatcher, type Undici } from '../support/undici-copies';

process.removeAllListeners('warning');
startSdk();
const meter = new TestMeter();
meter.setGlobal();
new SocketInstrumentation({ detail: 'full' });
new UndiciInstrumentation();

type Connector = (options: object, done: (error: Error | null, socket: Socket) => void) => void;
type WithMore = Undici & {
  readonly buildConnector: (options: object) => Connector;
  readonly MockAgent: new () => Dispatcher & {
    disableNetConnect(): void;
    get(origin: string): {
      intercept(match: object): { reply(status: number, body: string): void; replyWithError(error: Error): void };
    };
  };
};

const tmp = fs.mkdtempSync(path.join(os.tmpdir(), 'undici-claims-'));
const sockets = new Set<Socket>();
after(() => {
  for (const socket of sockets) socket.destroy();
  fs.rmSync(tmp, { recursive: true });
});

function keep(socket: Socket): void {
  sockets.add(socket);
  socket.on('error', () => undefined);
}

async function serve(server: Server): Promise<number> {
  server.on('connection', keep).unref();
  return listen(server);
}

const answering = () => http.createServer((_, response) => response.end('ok'));
const answeringTls = () =>
  https.createServer({ key: tlsFixture('key.pem'), cert: tlsFixture('cert.pem') }, (_, response) => response.end('ok'));

/** Accepts a line, connects to `port`, says `go`, and carries on. */
const proxyTo = (port: number) =>
  net.createServer((socket) => {
    socket.once('data', () => {
      const behind = net.connect(port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        behind.pipe(socket).pipe(behind);
      });
      keep(behind);
    });
  });

async function get(copy: Undici, url: string, dispatcher: Dispatcher): Promise<void> {
  await (await copy.request(url, { dispatcher })).body.text();
}

/** What is open to a port, what has ended there, and how many requests the ended ones carried. */
async function counted(port: number): Promise<{ open: number; closes: number; carried: [number, number][] }> {
  const series = await meter.series(port);
  const requests = series.filter(({ name }) => name === 'socket.connection.requests');
  return {
    open: total(series, 'http.client.open_connections'),
    closes: total(series, 'socket.closes'),
    carried: requests.map(({ count, sum }) => [count, sum]),
  };
}

/** Ways from a connector to a TLS server on `port` through a proxy: one connection each. */
const TUNNELS: Readonly<Record<string, (proxy: number, copy: WithMore) => Connector>> = {
  'TLS inside a socket of its own': (proxy) => (_, done) => {
    const below = net.connect(proxy, '127.0.0.1', () => below.write('tunnel'));
    below.once('data', () => {
      const secure = tls.connect({ socket: below, rejectUnauthorized: false }, () => done(null, secure));
    });
  },
  "undici's own connector above a socket made by hand": (proxy, { buildConnector }) => {
    const connect = buildConnector({ rejectUnauthorized: false });
    return (options, done) => {
      const below = new net.Socket().connect(proxy, '127.0.0.1', () => below.write('tunnel'));
      below.once('data', () => connect({ ...options, httpSocket: below }, done));
    };
  },
  'a CONNECT of node:http': (proxy, { buildConnector }) => {
    const connect = buildConnector({ rejectUnauthorized: false });
    return (options, done) => {
      const request = http.request({ port: proxy, host: '127.0.0.1', method: 'CONNECT', path: 'there:443' });
      request.on('connect', (_, below) => connect({ ...options, httpSocket: below }, done)).end();
    };
  },
};

for (const { name, copy } of COPIES as readonly { readonly name: string; readonly copy: WithMore }[]) {
  for (const isSlow of [false, true]) {
    test(`${name}: a database's socket beside a connector ${isSlow ? 'that waits' : 'of its own'} is not claimed`, async () => {
      const [port, database] = [await serve(answering()), await serve(net.createServer())];
      const connect = copy.buildConnector({});
      const dispatcher = new copy.Agent({
        connect: isSlow ? (options: object, done: never) => setTimeout(() => connect(options, done), 5) : connect,
      });
      const usual = net.connect(database, '127.0.0.1').on('connect', () => undefined);
      const answer = get(copy, `http://127.0.0.1:${port}/`, dispatcher);
      const socket = net.connect(database, '127.0.0.1').on('connect', () => undefined);
      for (const one of [usual, socket]) keep(one);
      const listeners = (one: Socket) => one.eventNames().map((event) => [String(event), one.listenerCount(event)]);
      assert.deepEqual(listeners(socket), listeners(usual));
      await new Promise(process.nextTick);
      assert.deepEqual(listeners(socket), listeners(usual));
      await answer;
      assert.equal((await counted(port)).open, 1);
      await dispatcher.close();
      assert.deepEqual(await counted(port), { open: 0, closes: 1, carried: [[1, 1]] });
      socket.destroy();
      await once(socket, 'close');
      assert.deepEqual(await counted(port), { open: 0, closes: 1, carried: [[1, 1]] });
      assert.deepEqual(await meter.series(database), []);
    });
  }

  for (const [way, through] of Object.entries(TUNNELS)) {
    test(`${name}: a connection through a proxy is one connection: ${way}`, async () => {
      const port = await serve(answeringTls());
      const proxy = await serve(proxyTo(port));
      const dispatcher = new copy.Agent({ connections: 1, connect: through(proxy, copy) });
      const from = ended.length;
      for (let i = 0; i < 3; i += 1) await get(copy, `https://127.0.0.1:${port}/`, dispatcher);
      assert.equal((await counted(port)).open, 1);
      assert.equal((await counted(proxy)).open, 0);
      await dispatcher.close();
      assert.deepEqual(await counted(port), { open: 0, closes: 1, carried: [[1, 3]] });
      const ids = ended.slice(from).map(({ attributes }) => attributes['socket.id']);
      assert.equal(new Set(ids.slice(-3)).size, 1);
    });
  }

  test(`${name}: peers behind different Unix sockets share nothing`, async () => {
    const [a, b, gone] = ['a', 'b', 'gone'].map((file) => path.join(tmp, `${name}-${file}`)) as [
      string,
      string,
      string,
    ];
    const raw = net.createServer((socket) => {
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
    });
    for (const [server, at] of [
      [answering(), a],
      [raw, b],
    ] as const) {
      server.on('connection', keep).unref();
      await once(server.listen(at), 'listening');
    }
    const to = (socketPath: string) => new copy.Agent({ connect: { socketPath } });
    const [first, second, third] = [to(a), to(b), to(gone)];
    const limits: unknown[] = [];
    for (const dispatcher of [first, first, second, second]) {
      const span = await clientSpan(() => get(copy, 'http://localhost/', dispatcher));
      limits.push(span.attributes['socket.peer_timeout_ms']);
    }
    assert.deepEqual(limits, [5_000, 5_000, undefined, undefined]);
    const refused = await clientSpan(() => assert.rejects(get(copy, 'http://localhost/', third)));
    assert.equal(refused.attributes['socket.failure.kind'], 'refused');
    assert.equal(refused.attributes['socket.failure.sent'], 'none');
    assert.equal(refused.attributes['socket.peer_timeout_ms'], undefined);
    for (const one of [first, second, third]) void one.destroy();
  });

  test(`${name}: an answer of a MockAgent is no connection's, and its error has no verdict`, async () => {
    const mock = new copy.MockAgent();
    mock.disableNetConnect();
    const port = await listen(net.createServer().unref());
    const origin = `http://127.0.0.1:${port}`;
    mock.get(origin).intercept({ path: '/ok', method: 'GET' }).reply(200, 'mocked');
    mock.get(origin).intercept({ path: '/fails', method: 'GET' }).replyWithError(new Error('mocked'));
    await get(copy, `${origin}/ok`, mock);
    const error: unknown = await get(copy, `${origin}/fails`, mock).catch((reason: unknown) => reason);
    assert.ok(error);
    assert.equal(socketFailureOf(error), undefined);
    assert.deepEqual(await meter.series(port), []);
    await mock.close();
  });
}
