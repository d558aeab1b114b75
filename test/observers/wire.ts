import { channel } from 'node:diagnostics_channel';
import net from 'node:net';
import tls from 'node:tls';
import { type Fate, TCP, TLSWrap } from './kernel';

export interface Kind {
  readonly secure: boolean;
  /** Node reports its creation. */
  readonly isReported: boolean;
  /** It is handed over already connected. */
  readonly isConnected: boolean;
  /** Its class has a way of its own to write, beside the handle. */
  readonly hasOwnWriter: boolean;
  /** Its class overrides `_destroy`. */
  readonly hasOwnDestroy: boolean;
}

/** One connection to the server: Node's own socket over a kernel of ours, and what the network may do to it. */
export class Wire {
  readonly socket: net.Socket;
  readonly #tcp: TCP;
  readonly #tls: TLSWrap | undefined;

  constructor({ secure, isReported, isConnected, hasOwnWriter, hasOwnDestroy }: Kind) {
    this.#tls = secure ? new TLSWrap() : undefined;
    this.#tcp = this.#tls?._parent ?? new TCP();
    // `manualStart`: only `read()` below supplies bytes.
    const socket = new net.Socket({
      handle: this.#tls ?? this.#tcp,
      manualStart: true,
      keepAliveInitialDelay: 60_000,
    } as object);
    this.socket = socket;
    if (secure) {
      Object.setPrototypeOf(socket, tls.TLSSocket.prototype);
      Object.assign(socket, { encrypted: true, _secureEstablished: false, secureConnecting: true });
    }
    socket.on('error', () => undefined);
    if (hasOwnWriter) this.#overrideWriting();
    if (hasOwnDestroy) socket._destroy = (error, done) => net.Socket.prototype._destroy.call(socket, error, done);
    if (!isConnected) Reflect.set(socket, 'connecting', true);
    if (isReported) channel('net.client.socket').publish({ socket });
    if (isConnected && secure) this.secure(true);
  }

  /** A subclass that carries its bytes elsewhere: the handle never sees them. */
  #overrideWriting(): void {
    const own = (data: unknown, encoding: unknown, done: unknown) => {
      this.#tcp.carry(String(data));
      const called = typeof encoding === 'function' ? encoding : done;
      if (typeof called === 'function') queueMicrotask(() => called());
      return true;
    };
    this.socket.write = own as net.Socket['write'];
  }

  /** All that the server has received. */
  get received(): string {
    return this.#tcp.received;
  }

  set fate(fate: Fate) {
    const { handle } = this;
    if (handle !== undefined) handle.fate = fate;
    if (fate !== 'refused') this.#tcp.fate = fate;
  }

  set countsRefused(counts: boolean) {
    if (this.handle !== undefined) this.handle.countsRefused = counts;
  }

  private get handle(): TCP | undefined {
    return this.#tls ?? this.#tcp;
  }

  flush(part?: number): void {
    this.#tcp.flush(part);
  }

  connect(isSilent: boolean): void {
    if (!this.socket.connecting || this.socket.destroyed) return;
    Reflect.set(this.socket, 'connecting', false);
    // Node itself waits for this event with what the program wrote.
    this.socket.emit('connect');
    if (!isSilent) this.socket.emit('ready');
  }

  /** The handshake is finished; `isSilent`: without the event, as with `new tls.TLSSocket(tcp)`. */
  secure(isSilent: boolean): void {
    const { socket } = this;
    if (this.#tls === undefined || socket.connecting || socket.destroyed) return;
    Reflect.set(socket, '_secureEstablished', true);
    this.#tls.secure();
    if (isSilent) return;
    Reflect.set(socket, 'secureConnecting', false);
    socket.emit('secureConnect');
  }

  /** This side refuses the certificate, before anything that was held is sent. */
  refuseCertificate(): void {
    const { socket } = this;
    if (this.#tls === undefined || socket.connecting || Reflect.get(socket, '_secureEstablished') === true) return;
    Reflect.set(socket, '_secureEstablished', true);
    Reflect.set(socket, 'authorizationError', 'CERT_HAS_EXPIRED');
    socket.destroy(Object.assign(new Error('certificate has expired'), { code: 'CERT_HAS_EXPIRED' }));
  }

  /** The server has sent this. */
  read(text: string): void {
    const { socket, handle } = this;
    if (!this.isUp || socket.readableEnded || handle === undefined) return;
    handle.bytesRead += text.length;
    socket.push(Buffer.from(text));
  }

  /** The server ended its side: a FIN is read. */
  end(): void {
    if (!this.isUp || this.socket.readableEnded) return;
    this.socket.push(null);
    this.socket.read(0);
  }

  /** The TLS handshake is finished, if there is one. */
  get isSecured(): boolean {
    return this.#tls === undefined || Reflect.get(this.socket, '_secureEstablished') === true;
  }

  /** Bytes that do not pass Node's socket. */
  carry(text: string): void {
    this.#tcp.carry(text);
  }

  get isUp(): boolean {
    return !this.socket.destroyed && !this.socket.connecting;
  }
}
