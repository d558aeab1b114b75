/** What happens to bytes that are written: whoever reads them is the server. */
export type Fate = 'delivered' | 'queued' | 'lost' | 'refused';
export const FATES = ['delivered', 'queued', 'lost', 'refused'] as const;

interface WriteRequest {
  readonly async?: boolean;
  oncomplete?(status: number, handle: object, error: unknown): void;
}

const EPIPE = -32;

/**
 * The kernel's end of a socket, with the members that Node's `net.Socket` uses. Node's own code runs above it; it alone
 * knows what the server has received. Observers recognise handles by the names of their classes.
 */
export class TCP {
  bytesRead = 0;
  bytesWritten = 0;
  writeQueueSize = 0;
  fate: Fate = 'delivered';
  /** libuv counts what the kernel refuses, or does not: that differs between its calls. */
  countsRefused = false;
  /** All that the server has received. */
  received = '';
  #queue = '';

  readStart = () => 0;
  readStop = () => 0;
  ref = () => undefined;
  unref = () => undefined;
  hasRef = () => true;
  setNoDelay = () => 0;
  setKeepAlive = () => 0;
  getsockname = (into: object) => Object.assign(into, { address: '127.0.0.1', port: 50_000 }) && 0;
  getpeername = (into: object) => Object.assign(into, { address: '127.0.0.1', port: 80 }) && 0;

  close(done?: () => void): void {
    setImmediate(() => done?.());
  }

  shutdown(request: WriteRequest): number {
    queueMicrotask(() => request.oncomplete?.(0, this, undefined));
    return 0;
  }

  writeUtf8String = (request: WriteRequest, text: string) => this.take(request, text);
  writeLatin1String = this.writeUtf8String;
  writeAsciiString = this.writeUtf8String;
  writeBuffer = (request: WriteRequest, bytes: Buffer) => this.take(request, bytes.toString('latin1'));

  /** The chunks are buffers, or buffers and strings, each followed by its encoding. */
  writev(request: WriteRequest, chunks: readonly unknown[], areBuffers: boolean): number {
    const parts = areBuffers ? chunks : chunks.filter((_, i) => i % 2 === 0);
    return this.take(request, parts.map((part) => (Buffer.isBuffer(part) ? part.toString('latin1') : part)).join(''));
  }

  protected take(request: WriteRequest, text: string): number {
    if (this.fate === 'refused') {
      if (this.countsRefused) this.bytesWritten += text.length;
      return EPIPE;
    }
    this.bytesWritten += text.length;
    this.carry(text);
    // Node decides whether a write is asynchronous by a flag that the last real write of this process left.
    queueMicrotask(() => {
      if (request.async) request.oncomplete?.(0, this, undefined);
    });
    return 0;
  }

  /** Bytes go the way that is set now, behind those that are queued. */
  carry(text: string): void {
    if (this.fate === 'queued' || this.#queue !== '') this.#queue += text;
    else if (this.fate === 'delivered') this.received += text;
    this.writeQueueSize = this.#queue.length;
  }

  /** The peer reads what is queued, or the first part of it. */
  flush(part = 1): void {
    const length = Math.ceil(this.#queue.length * part);
    this.received += this.#queue.slice(0, length);
    this.#queue = this.#queue.slice(length);
    this.writeQueueSize = this.#queue.length;
  }
}

/** A TLS session on top: it takes everything, and passes it on once the handshake is finished. */
export class TLSWrap extends TCP {
  readonly _parent = new TCP();
  #isSecure = false;
  #held = '';

  override carry(text: string): void {
    if (this.#isSecure) this._parent.carry(text);
    else this.#held += text;
  }

  /** The handshake is finished: what was held is encrypted and sent. */
  secure(): void {
    this.#isSecure = true;
    this._parent.carry(this.#held);
    this.#held = '';
  }
}
