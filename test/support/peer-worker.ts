import net, { type Socket } from 'node:net';
import tls from 'node:tls';
import { parentPort, workerData } from 'node:worker_threads';
import { tlsFixture } from './root';

/**
 * A peer that misbehaves on request: the first path segment says how, `?…` how much. Raw TCP, so that every FIN and
 * RST is deliberate. It counts what it did in shared memory: the test may block its own event loop until it is done.
 */
const { counters, secure, hint, hello } = workerData as Record<'hint' | 'hello', string> & {
  counters: Int32Array;
  secure: boolean;
};

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

function later(ms: number, act: () => void): void {
  if (ms === 0) act();
  else setTimeout(act, ms);
}

/** The client gets to read the text first. */
function thenReset(socket: Socket, text: string): void {
  socket.write(text, () => setTimeout(() => reset(socket), 20));
}

const inChunks = (chunks: string) => `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n${hint}\r\n${chunks}`;

type Behaviour = (socket: Socket, amount: number) => void;

const behaviours: Record<string, Behaviour> = {
  ok: (socket) => socket.write(response('200 OK', 'ok')),
  slow: (socket, ms) => setTimeout(() => socket.write(response('200 OK', 'ok')), ms),
  // Takes the request and goes away without an answer.
  'drop-fin': (socket, ms) => later(ms, () => socket.end()),
  'drop-rst': (socket, ms) => later(ms, () => reset(socket)),
  hang: () => undefined,
  garbage: (socket) => socket.write('SSH-2.0-OpenSSH_9.6\r\n\r\n'),
  'bad-chunk': (socket) => socket.write(inChunks('zz\r\n')),
  'bad-chunk-late': (socket) => socket.write(inChunks(`80000\r\n${'x'.repeat(0x80000)}\r\nzz\r\n`)),
  'bad-chunk-fin': (socket) => socket.end(inChunks('zz\r\n')),
  'partial-header': (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Le'),
  'cut-fin': (socket) => socket.end(`HTTP/1.1 200 OK\r\nContent-Length: 100\r\n${hint}\r\nhalf`),
  'cut-rst': (socket) => thenReset(socket, `HTTP/1.1 200 OK\r\nContent-Length: 100\r\n${hint}\r\nhalf`),
  'cut-chunks-fin': (socket) => socket.end(inChunks('4\r\nhalf\r\n')),
  'cut-chunks-rst': (socket) => thenReset(socket, inChunks('4\r\nhalf\r\n')),
  'body-hang': (socket) => socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 100\r\n${hint}\r\nhalf`),
  // A body that lasts until the connection ends.
  'until-fin': (socket) => socket.end('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nwhole'),
  'until-rst': (socket) => thenReset(socket, 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhalf'),
  'whole-rst': (socket) => thenReset(socket, response('200 OK', 'whole')),
  // Answers before the upload is over.
  'early-413': (socket) => {
    socket.end(response('413 Payload Too Large', 'no', 'Connection: close\r\n'));
    setTimeout(() => socket.destroy(), 50);
  },
  // An interim answer, and then the end.
  'early-100': (socket, ms) => socket.write('HTTP/1.1 100 Continue\r\n\r\n', () => later(ms, () => socket.end())),
  'early-103': (socket, ms) => socket.write('HTTP/1.1 103 Early Hints\r\n\r\n', () => later(ms, () => socket.end())),
  'too-long': (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, and more than that'),
  'no-content': (socket) => socket.write('HTTP/1.1 204 No Content\r\n\r\n'),
  'head-only': (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n'),
  'not-found': (socket) => socket.write(response('404 Not Found', 'no')),
  redirect: (socket) =>
    socket.write(`HTTP/1.1 302 Found\r\nLocation: /ok\r\nContent-Length: 300000\r\n\r\n${'x'.repeat(2_000)}`),
  'big-header': (socket) => socket.write(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`),
  'not-pooled': (socket) => socket.end(response('200 OK', 'ok', 'Connection: close\r\n')),
};

/** What it does to all its connections on command, while the test blocks its own event loop: nobody can know in time. */
const deeds: Record<string, (socket: Socket, done: () => void) => void> = {
  fin: (socket, done) => socket.end(done),
  rst: (socket, done) => {
    socket.once('close', done);
    reset(socket);
  },
  // FIN now, RST on the next byte.
  destroy: (socket, done) => {
    socket.once('close', done);
    socket.destroy();
  },
  farewell: (socket, done) => socket.end(response('408 Request Timeout', '', 'Connection: close\r\n'), done),
};
const open = new Set<Socket>();

parentPort?.on('message', ({ how, keep }: { how: string; keep: number }) => {
  for (const socket of [...open].slice(keep)) {
    open.delete(socket);
    deeds[how]?.(socket, () => setImmediate(() => count(DONE)));
  }
});

function serve(socket: Socket): void {
  open.add(socket);
  socket.on('close', () => open.delete(socket));
  socket.on('error', () => undefined);
  // Cuts the connection at its first bytes, whatever they are: a TLS handshake, seen from a plain socket.
  if (hello !== '') socket.once('data', () => deeds[hello]?.(socket, () => undefined));
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
    for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
      const head = text.slice(0, end);
      const target = /^\S+ (\S+) HTTP/.exec(head)?.[1];
      if (target === undefined) return;
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      const [, name = '', amount = ''] = /^\/([\w-]*)[^?]*\??(\d*)/.exec(target) ?? [];
      const early = name.startsWith('early-') || name.startsWith('drop-');
      if (!early && text.length < end + 4 + length) return;
      text = early ? '' : text.slice(end + 4 + length);
      count(REQUESTS);
      behaviours[name]?.(socket, Number(amount));
    }
  });
}

const key = secure ? tlsFixture('key.pem') : undefined;
const server =
  key === undefined
    ? net.createServer({ allowHalfOpen: true }, serve)
    : tls.createServer({ key, cert: tlsFixture('cert.pem'), allowHalfOpen: true }, serve);
server.on('tlsClientError', () => undefined);
server.listen(0, '127.0.0.1', () => {
  parentPort?.postMessage((server.address() as net.AddressInfo).port);
});
