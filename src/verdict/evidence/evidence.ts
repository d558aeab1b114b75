import type { Closing } from '../../connection/closing';
import type { Exchange } from '../../connection/exchange';
import type { ErrorFacts } from './error-facts';

/** How far the request and its response had come, counted on the socket. */
export interface Progress {
  /**
   * Bytes that were handed to the kernel since the acquire; on TLS, to the TLS layer. Undefined where the count could not
   * be read: that proves nothing.
   */
  readonly dispatched: number | undefined;
  /** The program had ended the request and nothing of it was still queued in this process. */
  readonly complete: boolean;
  /** Bytes that were read since the acquire. */
  readonly received: number;
}

/** What is known at the moment a client exchange fails. Plain values; times in ms. */
export interface Evidence {
  readonly exchange: Exchange;
  readonly nowMs: number;
  readonly error: ErrorFacts;
  /** How this socket ended; undefined if there was none or it has not ended yet. */
  readonly closing: Closing | undefined;
  readonly stage: 'queue' | 'dns' | 'connect' | 'proxy' | 'tls' | 'ready';
  readonly progress: Progress;
  /** Time for which the event loop waited since the first write: the peer's time, without our own stalls. */
  readonly waitedMs: number;
  readonly statusCode: number | undefined;
  /**
   * Positive proof, from a socket of Node's own whose members were probed, that no byte of this request reached the kernel
   * (design: `sent = none`). Undefined: nothing is proved either way.
   */
  readonly unsent?: true | undefined;
  /** How far the program came with writing its request; undefined where that was not seen. */
  readonly request?: RequestProgress | undefined;
  /** Time since the last byte was read on this connection; undefined where no read passed a hook. */
  readonly sinceByteMs?: number | undefined;
  /** The program had stopped reading the response (back-pressure) when it ended; undefined where that is not known. */
  readonly paused?: boolean | undefined;
  /** The address that failed to connect, from the error or the last of its `errors`. */
  readonly failedAddress?: { readonly address: string; readonly port: number | undefined } | undefined;
  /** An interim answer (1xx, not 101) was read: it is no response, but it shows that the peer saw the request. */
  readonly interim?: true | undefined;
  /**
   * Bytes of the response body that its `Content-Length` announces and that were not read; undefined if it announces none,
   * or where that was not seen.
   */
  readonly missingResponseBytes?: number | undefined;
  /** A field of the protocol says that the peer did not process the request: REFUSED_STREAM, a GOAWAY below the stream. */
  readonly unprocessed?: true | undefined;
  /**
   * The request ran on something that never had a handle of the kernel's: a mock, a Duplex, a tunnel in JavaScript. Whatever
   * its members say proves nothing.
   */
  readonly handleless?: true | undefined;
  /** The signal of the request was seen to be aborted, whatever error the client hands on. */
  readonly signalAborted?: true | undefined;
  /** A signal aborted the request and its reason could not be read: it may be a deadline as well as a cancel. */
  readonly abortReasonUnknown?: true | undefined;
}

/** What the program did with its request, up to the failure. */
export interface RequestProgress {
  /** `end()` was called, or undici had taken the whole body. */
  readonly ended: boolean;
  /** Bytes of the body that `Content-Length` announces and that were not written; below 0: too many. Undefined: unknown. */
  readonly missingBytes: number | undefined;
  /** Nothing is queued, and the program has written nothing for so long; undefined while bytes were flowing, or unknown. */
  readonly quietMs: number | undefined;
  /** Our own side gave it up: its source failed, `destroy(error)` with a foreign code, undici's length mismatch. */
  readonly abandoned: boolean;
}
