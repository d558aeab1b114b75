import { property } from '../../verdict/evidence/error-facts';
import { UNDICI } from '../process/private-members';
import { read } from '../process/read-private';
import type { ObservedSocket } from '../process/socket/socket';

/**
 * The idle timeout that undici has computed for the connection (`keepAliveTimeout`, or the peer's hint less a
 * threshold, at most `keepAliveMaxTimeout`); undefined where undici stores it elsewhere.
 */
export function idleTimeoutMs(socket: ObservedSocket): number | undefined {
  const client = read(socket, UNDICI.client);
  return client === undefined ? undefined : read(client, UNDICI.keepAliveTimeout);
}

/** No client has begun to write the request on any connection. False if that cannot be read. */
export function isUntouched(request: object): boolean {
  return read(request, UNDICI.abort) === null;
}

/** A client has begun to write the request on some connection. False if that cannot be read. */
export function isBegun(request: object): boolean {
  return read(request, UNDICI.abort) != null;
}

/** The request's handler; the same for all attempts of a retry, unless undici wraps each. */
export function handlerOf(request: object): object | undefined {
  return read(request, UNDICI.handler);
}

/** Why a signal aborted the request; null if none did. */
export interface AbortReason {
  readonly reason: unknown;
}

/**
 * The reason of the signal that aborted the request, if its handler keeps it: the handlers of `request`, `stream` and
 * the like have a member for it, which is null if no signal did, and one for what aborts them; that of `fetch` has
 * neither. The `reason` of any other handler, such as that of undici's `dump`, is something else.
 */
export function abortReasonOf(request: object): AbortReason | undefined {
  const handler = read(request, UNDICI.handler);
  if (handler === undefined || !('reason' in handler && 'abort' in handler)) return undefined;
  return { reason: property(handler, 'reason') };
}

/** What shows why undici's `request`, `stream` or `pipeline` aborted the request. */
interface SinkEnd {
  /** The error with which the stream failed that takes the response; null if it was destroyed without one. */
  readonly error: unknown;
  /** It cannot be read: the stream failed, or the program destroyed it. */
  readonly isHidden: boolean;
}

/**
 * How the stream ended that takes the response. The handler of `pipeline` has its own stream for both directions, that
 * of `request` the body that the program reads, that of `stream` only the function that made it. Undefined with other
 * handlers, which have none, and before the response.
 */
export function sinkEndOf(request: object): SinkEnd | undefined {
  const handler = read(request, UNDICI.handler);
  if (handler === undefined) return undefined;
  if ('factory' in handler) return { error: null, isHidden: true };
  const sink = property(handler, 'ret') ?? property(handler, 'res');
  return sink == null ? undefined : { error: property(sink, 'errored') ?? null, isHidden: false };
}

/**
 * A request of `stream` or `pipeline`: their handlers show neither the reason of a signal (undici 6 and 7) nor that what
 * takes the answer failed or threw, so that an error which is not the source's may be either's.
 */
export function hidesItsEnd(request: object): boolean {
  const handler = read(request, UNDICI.handler);
  return handler !== undefined && ('factory' in handler || 'ret' in handler);
}

/** The program has handed over all of the request: its body is no stream. False if that cannot be read. */
export function isWhole(request: object): boolean {
  const body = read(request, UNDICI.body);
  return body === null || body instanceof Uint8Array;
}

/** The error with which the stream that feeds the request's body failed. */
export function sourceErrorOf(request: object): unknown {
  return property(read(request, UNDICI.body), 'errored');
}

/** What undici's parser knows about the response that it is reading on this connection. */
export interface ResponseProgress {
  /** The program had stopped reading. */
  readonly paused: boolean | undefined;
  /** Bytes of the body that `Content-Length` announced and that were not read; undefined if it announced none. */
  readonly missingBytes: number | undefined;
}

const UNKNOWN: ResponseProgress = { paused: undefined, missingBytes: undefined };

export function responseProgressOf(socket: ObservedSocket): ResponseProgress {
  const parser = read(socket, UNDICI.parser);
  if (parser == null) return UNKNOWN;
  const length = read(parser, UNDICI.bodyLength);
  const bytesRead = read(parser, UNDICI.bodyRead);
  // Without a `Content-Length`: an empty string, or -1 in undici 8.
  const isAnnounced = length !== undefined && length !== '' && Number(length) >= 0 && bytesRead !== undefined;
  return {
    paused: read(parser, UNDICI.paused),
    missingBytes: isAnnounced ? Math.max(0, Number(length) - bytesRead) : undefined,
  };
}
