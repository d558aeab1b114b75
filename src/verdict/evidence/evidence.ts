import type { Closing } from '../../connection/closing';
import type { Exchange } from '../../connection/exchange';
import type { ErrorFacts } from './error-facts';

/** How far the request and its response had got, counted on the socket. */
export interface Progress {
  /**
   * Bytes passed to the kernel since the acquire; with TLS, to the TLS layer. Undefined where the count could not be
   * read, which proves nothing.
   */
  readonly dispatched: number | undefined;
  /**
   * The program had ended the request, and no byte of it was still queued in this process. Undefined: it may have been
   * written where nobody looked.
   */
  readonly complete: boolean | undefined;
  /** Bytes read since the acquire. */
  readonly received: number;
}

/** Of a request that was not written at all. */
export const NO_PROGRESS: Progress = { dispatched: undefined, complete: false, received: 0 };
/** The request may have been written where bytes are not counted: on a non-socket stream or HTTP/2. */
export const UNKNOWN_PROGRESS: Progress = { ...NO_PROGRESS, complete: undefined };

/** What is known when a client exchange fails. Plain values; times in ms. */
export interface Evidence {
  readonly exchange: Exchange;
  readonly nowMs: number;
  readonly error: ErrorFacts;
  /** How this socket was closed; undefined if there was none or it is not yet closed. */
  readonly closing: Closing | undefined;
  readonly stage: 'queue' | 'dns' | 'connect' | 'proxy' | 'tls' | 'ready';
  readonly progress: Progress;
  /** How long the event loop has waited since the first write: time spent by the peer, without our own stalls. */
  readonly waitedMs: number;
  /**
   * The longest time for which this process may not have looked at its sockets: what it sees together may have happened
   * so far apart.
   */
  readonly blindMs?: number;
  /**
   * How often the event loop has polled since the first write; undefined unless the connection had been idle and the
   * process busy.
   */
  readonly polls?: number | undefined;
  readonly statusCode: number | undefined;
  /**
   * Proof, from one of Node's own sockets whose members were checked, that no byte of this request reached the kernel.
   * Undefined: nothing is proved either way.
   */
  readonly unsent?: true | undefined;
  /** How far the program got with writing its request; undefined where that was not observed. */
  readonly request?: RequestProgress | undefined;
  /** Time since the last byte was read on this connection; undefined where no read was observed. */
  readonly sinceByteMs?: number | undefined;
  /** The program had stopped reading the response (back-pressure) when it ended; undefined if unknown. */
  readonly paused?: boolean | undefined;
  /** Whom the client was to connect to, if that is known: not the server where there is a proxy. */
  readonly connectTarget?: ConnectTarget | undefined;
  /** The address that failed to connect, from the error or one of its `errors`. */
  readonly failedAddress?: { readonly address: string; readonly port: number | undefined } | undefined;
  /** An interim answer (1xx, not 101) was read: it is not a response, but it shows that the peer saw the request. */
  readonly interim?: true | undefined;
  /**
   * Bytes of the response body that its `Content-Length` announces and that were not read; undefined if it announces
   * none, or where that was not observed.
   */
  readonly missingResponseBytes?: number | undefined;
  /** The whole response had arrived, and the program had not read it yet: the connection ended only afterwards. */
  readonly responseComplete?: true | undefined;
  /** The peer refused the stream (REFUSED_STREAM), which should mean that it did not process the request. */
  readonly streamRefused?: true | undefined;
  /**
   * The request ran on a stream that never had a kernel handle: a mock, a Duplex, a tunnel in JavaScript. Its members
   * prove nothing.
   */
  readonly handleless?: true | undefined;
  /** The signal of the request was observed to be aborted, whatever error the client reports. */
  readonly signalAborted?: true | undefined;
  /**
   * The error, or a signal's reason, is an object of the program's own, with which it ended this request: perhaps because
   * something else failed with it.
   */
  readonly programsError?: true | undefined;
  /** While connects are refused: another connection to the same address is open, as far as that is known. */
  readonly othersOpen?: true | undefined;
  /** A signal aborted the request and its reason could not be read: either a deadline or a cancellation. */
  readonly abortReasonUnknown?: true | undefined;
}

/** What a client connects to. */
export interface ConnectTarget {
  readonly host: string;
  readonly port: number | undefined;
}

/** What the program did with its request before the failure. */
export interface RequestProgress {
  /** `end()` was called, or undici had taken the whole body. */
  readonly ended: boolean;
  /**
   * Bytes of the body that `Content-Length` announces and that were not written; negative: too many. Undefined:
   * unknown.
   */
  readonly missingBytes: number | undefined;
  /** Bytes of it were still in this process; undefined if unknown. */
  readonly queued?: boolean | undefined;
  /**
   * Nothing is queued, and the program has written nothing for this long; undefined while bytes were flowing, or if
   * unknown.
   */
  readonly quietMs: number | undefined;
  /** Only its header was written, which expects the peer's 100 Continue before the body; none came. */
  readonly awaitsContinue?: true | undefined;
  /** This process abandoned it: a failed source, `destroy(error)` with a foreign code, or undici's length mismatch. */
  readonly abandoned: boolean;
  /** No source error shows why: the program may equally have cancelled it. */
  readonly mayBeCancelled?: true | undefined;
}
