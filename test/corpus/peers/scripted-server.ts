import fs from 'node:fs';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import net, { type AddressInfo, type Socket } from 'node:net';
import path from 'node:path';
import tls from 'node:tls';
import { tlsFixture } from '../../support/root';
import type { Command, PeerOptions } from './peer';

/*
 * The program of two peers, in a process of its own: `node`, Node's http server, which is also the application behind
 * the proxies, and `scripted`, a bare TCP or TLS server that does whatever a server can do to a client.
 */
const [kind = '', folder = '', text = '{}'] = process.argv.slice(2);
const options: PeerOptions = JSON.parse(text);
const identity = options.secure === true ? { key: tlsFixture('key.pem'), cert: tlsFixture('cert.pem') } : undefined;

const seen = fs.openSync(path.join(folder, 'processed'), 'a');
/** Connections ended so far, and commands carried out: one byte each. */
const ended = fs.openSync(path.join(folder, 'ended'), 'a');
const done = fs.openSync(path.join(folder, 'done'), 'a');

function note(id: string | undefined): void {
  if (id !== undefined) fs.writeSync(seen, `${id}\n`);
}

/** The TCP socket below TLS: only there an RST can be sent. */
function raw(socket: Socket): Socket {
  return (socket as Socket & { _parent?: Socket | null })._parent ?? socket;
}

/** Runs `told` when the kernel has been told. */
function end(socket: Socket, how: PeerOptions['ending'], told = () => void fs.writeSync(ended, '.')): void {
  if (socket.destroyed) {
    told();
    return;
  }
  if (how === '408') socket.write('HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  if (how === 'rst') raw(socket).once('close', told).resetAndDestroy();
  else if (how === 'destroy') socket.once('close', told).destroy();
  else socket.end(told);
}

/** What a path asks for. */
function act(target: string): { verb: string; ms: number } {
  const [, verb = 'ok', ms = '0'] = target.split('/');
  return { verb, ms: Number(ms) };
}

const later = (ms: number, body: () => void) => setTimeout(body, ms);

function answer({ url = '/', headers, socket }: IncomingMessage, response: ServerResponse): void {
  note(headers['x-id'] as string | undefined);
  const { verb, ms } = act(url);
  if (verb === 'slow') later(ms, () => response.end('late'));
  else if (verb === 'cut') later(ms, () => socket.destroy());
  else if (verb === 'half' || verb === 'stuck') {
    response.writeHead(200, { 'content-length': 20_000 }).write('x'.repeat(10_000));
    if (verb === 'half') later(ms, () => socket.destroy());
  } else response.end('ok');
}

function nodeServer(): net.Server {
  const server = identity === undefined ? http.createServer(answer) : https.createServer(identity, answer);
  server.on('request', (request) => request.resume());
  server.keepAliveTimeout = options.idleMs ?? 600_000;
  server.on('error', () => process.exit(1));
  return server;
}

let dropsNew = false;
const idle = new Set<Socket>();

function scriptedServer(): net.Server {
  const serve = (socket: Socket) => {
    let buffered = '';
    let missing = 0;
    let carried = 0;
    let timer: NodeJS.Timeout | undefined;
    const born = Date.now();
    const isNew = dropsNew;
    idle.add(socket);
    socket
      .on('error', () => undefined)
      .on('close', () => {
        idle.delete(socket);
        clearTimeout(timer);
      });
    socket.on('end', () => socket.end());
    if (options.maxAgeMs !== undefined) later(options.maxAgeMs, () => end(socket, options.ending));
    const rest = () => {
      idle.add(socket);
      const part = 1 + (options.jitter ?? 0) * (2 * Math.random() - 1);
      if (options.idleMs !== undefined) timer = later(options.idleMs * part, () => end(socket, options.ending));
    };
    const head = options.announce === true ? `Keep-Alive: timeout=${Math.floor((options.idleMs ?? 0) / 1000)}\r\n` : '';
    const reply = (body: string) => {
      socket.write(`HTTP/1.1 200 OK\r\n${head}Content-Length: ${body.length}\r\n\r\n${body}`);
      carried += 1;
      const isLast =
        carried === options.maxRequests || Date.now() - born > (options.maxAgeMs ?? Number.POSITIVE_INFINITY);
      if (isLast) end(socket, options.ending);
      else rest();
    };
    const serveOne = (header: string) => {
      const { verb, ms } = act(header.split(' ')[1] ?? '/');
      if (verb === 'reset') return void socket.resetAndDestroy();
      if (verb === 'close') return void socket.destroy();
      note(/^x-id: *(\S+)/im.exec(header)?.[1]);
      if (verb === 'slow') later(ms, () => reply('late'));
      else if (verb === 'cut') later(ms, () => socket.destroy());
      else if (verb === 'cutrst') later(ms, () => socket.resetAndDestroy());
      else if (verb === 'half') {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n${'x'.repeat(10_000)}`);
        later(ms, () => socket.destroy());
      } else if (verb === 'early') {
        socket.end(`HTTP/1.1 ${ms} No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
        later(5, () => socket.resetAndDestroy());
      } else if (verb === 'silent') return;
      else if (missing <= 0) reply('ok');
      else pendingReply = () => reply('ok');
    };
    let pendingReply: (() => void) | undefined;
    socket.on('data', (chunk: Buffer) => {
      // Who has closed reads no request any more.
      if (socket.writableEnded) return;
      if (isNew) return void (socket instanceof tls.TLSSocket ? socket.destroy() : socket.resetAndDestroy());
      idle.delete(socket);
      clearTimeout(timer);
      let data = chunk.toString('latin1');
      if (missing > 0) {
        const body = Math.min(missing, data.length);
        missing -= body;
        data = data.slice(body);
        if (missing === 0) {
          pendingReply?.();
          pendingReply = undefined;
        }
      }
      buffered += data;
      for (let at = buffered.indexOf('\r\n\r\n'); at >= 0; at = buffered.indexOf('\r\n\r\n')) {
        const header = buffered.slice(0, at);
        const rest_ = buffered.slice(at + 4);
        const length = Number(/^content-length: *(\d+)/im.exec(header)?.[1] ?? 0);
        missing = Math.max(0, length - rest_.length);
        buffered = rest_.slice(Math.min(length, rest_.length));
        serveOne(header);
      }
    });
  };
  return identity === undefined ? net.createServer(serve) : tls.createServer(identity, serve);
}

function obey(command: Command): void {
  if (command.do === 'drop-new') dropsNew = command.on;
  if (command.do === 'deaf') for (const socket of idle) socket.pause();
  if (command.do === 'exit') process.exit(0);
  const sockets = command.do === 'end-idle' ? [...idle].filter((_, i) => i % (command.every ?? 1) === 0) : [];
  let left = sockets.length;
  const finish = () => void fs.writeSync(done, '.');
  if (left === 0) finish();
  for (const socket of sockets) {
    idle.delete(socket);
    end(socket, command.do === 'end-idle' ? command.how : 'fin', () => {
      left -= 1;
      if (left === 0) finish();
    });
  }
}

const server = kind === 'node' ? nodeServer() : scriptedServer();
server.listen(options.port ?? 0, options.host ?? '127.0.0.1', () =>
  process.send?.((server.address() as AddressInfo).port),
);
process.on('message', obey);
process.on('disconnect', () => process.exit());
process.on('SIGTERM', () => process.exit());
