import type { Closing } from '../../connection/connection';
import type { Exchange } from '../../connection/exchange';
import type { ErrorShape } from './error-facts';

/** How far the request and its response had come, counted on the socket. */
export interface Progress {
  /** Bytes that were handed to the kernel since the acquire; on TLS, to the TLS layer. */
  readonly dispatched: number;
  /** The program had ended the request and nothing of it was still queued in this process. */
  readonly complete: boolean;
  /** Bytes that were read since the acquire. */
  readonly received: number;
}

/** What is known at the moment a client exchange fails. Plain values; times in ms. */
export interface Evidence {
  readonly exchange: Exchange;
  readonly nowMs: number;
  readonly error: ErrorShape;
  /** How this socket ended; undefined if there was none or it has not ended yet. */
  readonly closing: Closing | undefined;
  readonly stage: 'queue' | 'dns' | 'connect' | 'proxy' | 'tls' | 'ready';
  readonly progress: Progress;
  /** Time for which the event loop waited since the first write: the peer's time, without our own stalls. */
  readonly waitedMs: number;
  readonly statusCode: number | undefined;
}

/** Which pool holds the connection: each calls its idle limit differently. */
export type IdleSetting = 'agent.timeout' | 'freeSocketTimeout' | 'keepAliveTimeout' | 'unknown';

/** The only answer that is a failure: evidence on an exchange with status 408 is collected only where it came too early. */
export function isFarewell({ exchange, statusCode, error, closing }: Evidence): boolean {
  return statusCode === 408 && exchange.reused === true && error.code === '' && closing === undefined;
}
