import type { Progress } from '../../verdict/evidence/evidence';
import { isAllWritten } from '../../verdict/evidence/sent';
import { UNDICI } from '../process/private-members';
import { read } from '../process/read-private';
import { bytesDispatchedOn, dispatchedOn, isNodesOwn, isQueued, type ObservedSocket } from '../process/socket/socket';
import { type ResponseProgress, responseProgressOf } from './internals';
import type { UndiciConnection } from './undici-connection';

/** What the exchange knows and its socket does not. */
interface Sending {
  readonly bodySent: boolean;
  readonly firstWriteFailed: boolean;
  readonly answered: boolean;
}

/** A socket's own counts; they cannot be read after it is destroyed. */
interface Counts {
  readonly dispatched: number | undefined;
  readonly read: number;
  readonly written: number;
  /** Something that was written is still in this process; undefined if unknown. */
  readonly queued: boolean | undefined;
  readonly response: ResponseProgress | undefined;
}

/** One attempt to send a request: how far it got on its socket, counted from just before its headers were written. */
export class AttemptProgress {
  declare readonly socket: ObservedSocket;
  /** The connection on which it was made. */
  declare readonly state: UndiciConnection;
  /** The socket never had a handle, so its counts prove nothing. */
  declare readonly handleless: boolean;
  declare private readonly multiplexed: boolean;
  /** The exchange's `clientTimeoutMs` is what undici computed from the answer. */
  declare isTimeoutKnown: boolean;
  /** The kernel's handle itself counts the bytes that are sent. */
  declare private readonly countsBytes: boolean;
  declare private readonly dispatchedBefore: number | undefined;
  declare private readBefore: number;
  /** The number of bytes written before the body; undefined if the length of the body was not announced. */
  declare private bodyFrom: number | undefined;
  declare private bodyLength: number | undefined;
  declare private writtenAtEnd: number | undefined;
  declare private last: Counts | undefined;

  constructor(socket: ObservedSocket, state: UndiciConnection, request: object, head: unknown, multiplexed: boolean) {
    const countsBytes = state.countsBytes && !multiplexed;
    this.socket = socket;
    this.state = state;
    this.isTimeoutKnown = false;
    this.handleless = state.kind === 'none';
    this.multiplexed = multiplexed;
    this.countsBytes = countsBytes;
    this.dispatchedBefore = countsBytes ? bytesDispatchedOn(socket) : undefined;
    this.readBefore = socket.bytesRead;
    if (multiplexed || typeof head !== 'string') return;
    const length = read(request, UNDICI.contentLength);
    if (length == null) return;
    this.bodyLength = length;
    // undici ends the header block with this line.
    this.bodyFrom = socket.bytesWritten + head.length + `content-length: ${length}\r\n\r\n`.length;
  }

  /** What was read so far belongs to another answer, or to an interim one. */
  readOn(): void {
    this.readBefore = this.socket.bytesRead;
  }

  /** undici has taken the whole body. */
  noteBodySent(): void {
    if (this.bodyFrom !== undefined) this.writtenAtEnd = this.socket.bytesWritten;
  }

  /** Called when the socket is about to be destroyed. */
  freeze(): void {
    this.last ??= this.count();
  }

  /** The exchange is over: this no longer keeps the connection in memory. */
  end(): void {
    const own = this as Record<'socket' | 'use', unknown>;
    own.socket = undefined;
    own.use = undefined;
  }

  private count(): Counts {
    const { socket } = this;
    return {
      dispatched: this.countsBytes ? dispatchedOn(socket) : undefined,
      read: socket.bytesRead,
      written: socket.bytesWritten,
      queued: isQueued(socket),
      response: this.multiplexed || this.handleless ? undefined : responseProgressOf(socket),
    };
  }

  private get counts(): Counts {
    return this.last ?? this.count();
  }

  /** What is known about the response; undefined where it was not observed. */
  get response(): ResponseProgress | undefined {
    return this.counts.response;
  }

  /**
   * `isFirst`: no other request waits for its answer before this one, so that bytes that are read belong to this one.
   */
  progress(sending: Sending, isFirst: boolean): Progress {
    const answered = sending.answered ? 1 : 0;
    const counts = this.counts;
    const isCounted = isFirst && !this.multiplexed && !this.handleless;
    return {
      dispatched: this.dispatchedOf(counts),
      received: isCounted ? Math.max(answered, counts.read - this.readBefore) : answered,
      complete: this.isFull(sending),
    };
  }

  private dispatchedOf({ dispatched }: Counts): number | undefined {
    if (dispatched === undefined || this.dispatchedBefore === undefined) return undefined;
    return dispatched - this.dispatchedBefore;
  }

  /** Proof that no byte of this attempt reached the kernel. */
  isUnsent({ firstWriteFailed }: Sending): boolean {
    if (!this.countsBytes || !isNodesOwn(this.socket)) return false;
    return firstWriteFailed || this.dispatchedOf(this.counts) === 0;
  }

  /** The whole request has left this process. */
  isFull({ bodySent }: Sending): boolean {
    if (this.multiplexed) return bodySent;
    return !this.handleless && this.counts.queued === false && isAllWritten(bodySent, this.missingBytes);
  }

  /** Bytes of the body that were announced and not written; undefined if no length was announced. */
  get missingBytes(): number | undefined {
    if (this.bodyFrom === undefined || this.bodyLength === undefined) return undefined;
    const written = (this.writtenAtEnd ?? this.counts.written) - this.bodyFrom;
    return written < 0 ? undefined : this.bodyLength - written;
  }

  /** Something that was written is still in this process; undefined if unknown. */
  get isQueued(): boolean | undefined {
    return this.counts.queued;
  }
}

// Rarely set: the defaults live on the prototype, as those of RareState do.
Object.assign(AttemptProgress.prototype, {
  bodyFrom: undefined,
  bodyLength: undefined,
  writtenAtEnd: undefined,
  last: undefined,
});
