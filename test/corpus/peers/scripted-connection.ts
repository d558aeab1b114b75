import type { Socket } from 'node:net';
import tls from 'node:tls';
import type { Ending, PeerOptions } from './peer';
import { act, close, idOf } from './scripted-words';

const BLOCK = Buffer.alloc(1 << 16);

/** Where the server writes down what it does, and to whom. */
export interface Log {
  /** It read this request's header and went to work on it. */
  processed(id: string | undefined): unknown;
  /** It ended this request's connection on purpose: the cause that is true of it. */
  did(cause: string, id: string | undefined): unknown;
  /** It ended the connection with this port of the client's while nothing was in flight on it. */
  ended(port: number | undefined, reason: string): unknown;
}

/** One connection of the scripted server: reads requests, and does with each what its path asks for. */
export class ScriptedConnection {
  /** Requests whose `x-id` begins so: those of bystanders. */
  isBystander = false;
  isIdle = true;
  readonly #socket: Socket;
  readonly #options: PeerOptions;
  readonly #log: Log;
  readonly #port: number | undefined;
  readonly #bornMs = performance.now();
  readonly #dropsAtOnce: boolean;
  #timer: NodeJS.Timeout | undefined;
  #buffered = '';
  /** Bytes of the present request's body that have not come yet. */
  #missing = 0;
  #carried = 0;
  #whenWhole: (() => void) | undefined;
  #say: (() => void) | undefined;

  constructor(socket: Socket, options: PeerOptions, log: Log, dropsAtOnce: boolean, gone: () => void) {
    this.#socket = socket;
    this.#options = options;
    this.#log = log;
    this.#dropsAtOnce = dropsAtOnce;
    this.#port = socket.remotePort;
    socket
      .on('error', () => undefined)
      .on('close', () => {
        clearTimeout(this.#timer);
        gone();
      })
      .on('end', () => socket.end())
      .on('data', (chunk: Buffer) => this.#read(chunk));
    const { maxAgeMs } = options;
    if (maxAgeMs !== undefined) setTimeout(() => this.end(options.ending, 'age'), maxAgeMs);
  }

  /** Ends it while it is idle. */
  end(how: Ending = 'fin', reason: string, told?: () => void): void {
    if (!this.#socket.destroyed) this.#log.ended(this.#port, reason);
    this.isIdle = false;
    close(this.#socket, how, told);
  }

  /** Sends a message, if it carries a stream. */
  say(): void {
    this.#say?.();
  }

  pause(): void {
    this.#socket.pause();
  }

  #read(chunk: Buffer): void {
    const socket = this.#socket;
    // Who has closed reads no request any more.
    if (socket.writableEnded) return;
    this.isIdle = false;
    clearTimeout(this.#timer);
    let data = chunk.toString('latin1');
    if (this.#dropsAtOnce) {
      this.#log.did('rejected', idOf(data));
      close(socket, socket instanceof tls.TLSSocket ? 'destroy' : 'rst');
      return;
    }
    if (this.#missing > 0) {
      const body = Math.min(this.#missing, data.length);
      this.#missing -= body;
      data = data.slice(body);
      if (this.#missing === 0) {
        this.#whenWhole?.();
        this.#whenWhole = undefined;
      }
    }
    this.#buffered += data;
    for (let at = this.#buffered.indexOf('\r\n\r\n'); at >= 0; at = this.#buffered.indexOf('\r\n\r\n')) {
      const header = this.#buffered.slice(0, at);
      const rest = this.#buffered.slice(at + 4);
      const length = Number(/^content-length: *(\d+)/im.exec(header)?.[1] ?? 0);
      this.#missing = Math.max(0, length - rest.length);
      this.#buffered = rest.slice(Math.min(length, rest.length));
      this.#serve(header);
    }
  }

  #serve(header: string): unknown {
    const { verb, ms } = act(header.split(' ')[1] ?? '/');
    const id = idOf(header);
    this.isBystander = id?.startsWith('bystander') === true;
    const end = (cause: string, how: Ending) => {
      this.#log.did(cause, id);
      close(this.#socket, how);
    };
    const endLater = (cause: string, how: Ending) => void setTimeout(() => end(cause, how), ms);
    if (verb === 'reset') return end('rejected', 'rst');
    if (verb === 'close') return end('rejected', 'destroy');
    this.#log.processed(id);
    switch (verb) {
      case 'silent':
        return;
      case 'slow':
        return void setTimeout(() => this.#reply('late'), ms);
      case 'cut':
        return endLater('peer_aborted', 'destroy');
      case 'cutrst':
        return endLater('peer_aborted', 'rst');
      case 'limit':
        return endLater('response_timeout', 'destroy');
      case 'half':
        this.#socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n${'x'.repeat(10_000)}`);
        return endLater('peer_aborted', 'destroy');
      case 'stream':
        this.#socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
        this.#say = () => this.#message(() => end('response_timeout', 'destroy'), ms);
        return this.#say();
      case 'flood':
        this.#socket.write('HTTP/1.1 200 OK\r\nContent-Length: 60000000\r\n\r\n');
        return this.#flood(() => end('peer_aborted', 'destroy'), ms);
      case 'early':
        this.#log.did('rejected', id);
        this.#socket.end(`HTTP/1.1 ${ms} No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
        return void setTimeout(() => close(this.#socket, 'rst'), 5);
      case 'body':
        setTimeout(() => this.#missing > 0 && end('request_incomplete', 'destroy'), ms);
    }
    if (this.#missing <= 0) this.#reply('ok');
    else this.#whenWhole = () => this.#reply('ok');
  }

  /** A message on a stream; it ends when none has come for so long. */
  #message(end: () => void, silenceMs: number): void {
    this.#socket.write('8\r\ndata:1\n\n\r\n');
    clearTimeout(this.#timer);
    this.#timer = setTimeout(end, silenceMs);
  }

  /** As much as the client takes; it ends when the client has taken nothing for so long. */
  #flood(end: () => void, stillMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(end, stillMs);
    let isTaken = true;
    while (isTaken) isTaken = this.#socket.write(BLOCK);
    this.#socket.once('drain', () => this.#flood(end, stillMs));
  }

  #reply(body: string): void {
    const { announce, idleMs = 0, maxRequests, maxAgeMs = Number.POSITIVE_INFINITY, ending } = this.#options;
    const head = announce === true ? `Keep-Alive: timeout=${Math.floor(idleMs / 1000)}\r\n` : '';
    this.#socket.write(`HTTP/1.1 200 OK\r\n${head}Content-Length: ${body.length}\r\n\r\n${body}`);
    this.#carried += 1;
    if (this.#carried === maxRequests) this.end(ending, 'count');
    else if (performance.now() - this.#bornMs > maxAgeMs) this.end(ending, 'age');
    else this.#rest();
  }

  #rest(): void {
    const { idleMs, jitter = 0, ending } = this.#options;
    this.isIdle = true;
    const part = 1 + jitter * (2 * Math.random() - 1);
    if (idleMs !== undefined) this.#timer = setTimeout(() => this.end(ending, 'idle'), idleMs * part);
  }
}
