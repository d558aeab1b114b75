import { readFileSync } from 'node:fs';
import net, { type Socket } from 'node:net';
import path from 'node:path';
import tls from 'node:tls';
import { parentPort, workerData } from 'node:worker_threads';

/**
 * A peer that misbehaves on request: the first path segment says how, `?…` how much. Raw TCP, so that every FIN and
 * RST is deliberate. It counts what it did in shared memory: the test may block its own event loop until it is done.
 */
const { counters, secure, hint } = workerData as { counters: Int32Array; secure: boolean; hint: string };
const fixtures = path.join(__dirname, '../../test/fixtures');

/** Slots of `counters`. */
const DONE = 0;
const REQUESTS = 1;

function count(slot: number): void {
  Atomics.add(counters, slot, 1);
  Atomics.notify(counters, slot);
}

const response = (status: string, body: string, headers = '') =>
  `HTTP/1.1 ${status}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${hint}${headers}\r\n${body}`;

function reset(socket: Socket): void {
  const raw = (socket as Socket & { _parent?: Socket })._parent ?? socket;
  raw.resetAndDestroy();
}

type Behaviour = (socket: Socket, amount: number) => void;

const behaviours: Record<string, Behaviour> = {
  ok: (socket) => socket.write(response('200 OK', 'ok')),
  slow: (socket, ms) => setTimeout(() => socket.write(response('200 OK', 'ok')), ms),
  // Answers, and closes the idle connection before the client can use it again.
  fin: (socket) => socket.end(response('200 OK', 'ok'), () => count(DONE)),
  rst: (socket) =>
    socket.write(response('200 OK', 'ok'), () => {
      reset(socket);
      setImmediate(() => count(DONE));
    }),
  // FIN now, RST on the next byte.
  destroy: (socket) =>
    socket.write(response('200 OK', 'ok'), () => {
      socket.destroy();
      socket.once('close', () => count(DONE));
    }),
  farewell: (socket) =>
    socket.write(response('200 OK', 'ok'), () => {
      socket.end(response('408 Request Timeout', '', 'Connection: close\r\n'), () => count(DONE));
    }),
  // Takes the request and goes away without an answer.
  'drop-fin': (socket, ms) => setTimeout(() => socket.end(), ms),
  'drop-rst': (socket, ms) => setTimeout(() => reset(socket), ms),
  hang: () => undefined,
  garbage: (socket) => socket.write('SSH-2.0-OpenSSH_9.6\r\n\r\n'),
  'bad-chunk': (socket) => socket.write(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n${hint}\r\nzz\r\n`),
  'partial-header': (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Le'),
  'cut-fin': (socket) => socket.end(`HTTP/1.1 200 OK\r\nContent-Length: 100\r\n${hint}\r\nhalf`),
  'cut-rst': (socket) =>
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 100\r\n${hint}\r\nhalf`, () => setTimeout(() => reset(socket), 20)),
  'body-hang': (socket) => socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 100\r\n${hint}\r\nhalf`),
  // Answers before the upload is over.
  'early-413': (socket) => {
    socket.end(response('413 Payload Too Large', 'no', 'Connection: close\r\n'));
    setTimeout(() => socket.destroy(), 50);
  },
  'big-header': (socket) => socket.write(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`),
  'not-pooled': (socket) => socket.end(response('200 OK', 'ok', 'Connection: close\r\n')),
};

function serve(socket: Socket): void {
  socket.on('error', () => undefined);
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
    for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
      const head = text.slice(0, end);
      const target = /^\S+ (\S+) HTTP/.exec(head)?.[1];
      if (target === undefined) return;
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      const [name = '', amount = '0'] = target.slice(1).split('?');
      const early = name.startsWith('early-') || name.startsWith('drop-');
      if (!early && text.length < end + 4 + length) return;
      text = early ? '' : text.slice(end + 4 + length);
      count(REQUESTS);
      behaviours[name]?.(socket, Number(amount));
    }
  });
}

const key = secure ? readFileSync(path.join(fixtures, 'key.pem')) : undefined;
const server =
  key === undefined
    ? net.createServer({ allowHalfOpen: true }, serve)
    : tls.createServer({ key, cert: readFileSync(path.join(fixtures, 'cert.pem')), allowHalfOpen: true }, serve);
server.on('tlsClientError', () => undefined);
server.listen(0, '127.0.0.1', () => {
  parentPort?.postMessage((server.address() as net.AddressInfo).port);
});
