import type { Connection } from '../../connection/connection';
import type { RequestProgress } from '../../verdict/evidence/evidence';
import { isAllWritten } from '../../verdict/evidence/sent';
import { now } from '../process/clock';
import type { SocketState } from '../process/observed-exchange';
import { NODE } from '../process/private-members';
import { read } from '../process/read-private';
import { dispatchedOn, isQueued, type ObservedSocket } from '../process/socket/socket';
import { stageOn } from '../process/socket/stage';
import { isUnsent } from '../process/socket/unsent';
import type { HttpExchange, ObservedRequest } from './client-exchange';

const ASCII = /^[\0-\x7f]*$/;

/** How far an exchange has got on its connection. `exception` is the error with which the socket is being destroyed. */
export function stateOn(
  exchange: HttpExchange,
  connection: Connection,
  socket: ObservedSocket,
  exception?: unknown,
): SocketState {
  const { request, isOwn, dispatchedAtAcquire: before, readAtAcquire } = exchange;
  const queued = isQueuedOf(request, socket);
  const missingBytes = missingOn(exchange, socket);
  const received = Math.max(0, socket.bytesRead - readAtAcquire);
  const interim = isInterim(exchange) || undefined;
  const dispatched = dispatchedOn(socket);
  const isAnswered = exchange.response !== undefined || received > 0;
  const unsent = !isAnswered && isOwn !== undefined && isUnsent(socket, connection, exchange);
  return {
    // A socket with its own way of writing proves nothing about the set-up.
    stage: isOwn ? stageOn(socket, connection, exception) : 'ready',
    unsent: unsent || undefined,
    progress: {
      dispatched: before === undefined || dispatched === undefined ? undefined : dispatched - before,
      received: interim ? 0 : received,
      complete: request.socket != null && queued === false && isAllWritten(request.writableEnded, missingBytes),
    },
    request: progressOf(exchange, connection, queued, missingBytes, interim === true),
    interim,
    missingResponseBytes: missingOfResponse(exchange, socket),
    responseComplete: exchange.response?.complete || undefined,
    sinceByteMs: sinceByteMs(exchange, socket),
    paused: isFull(exchange.response) || undefined,
  };
}

/** Bytes of the request are still in this process; undefined if unknown. */
function isQueuedOf(request: ObservedRequest, socket: ObservedSocket): boolean | undefined {
  const size = read(request, NODE.outputSize);
  return size === undefined ? undefined : size > 0 || isQueued(socket);
}

function progressOf(
  { request, writes, acquiredMs = 0 }: HttpExchange,
  { lastWriteMs }: Connection,
  queued: boolean | undefined,
  missingBytes: number | undefined,
  isContinued: boolean,
): RequestProgress {
  // With `Expect: 100-continue` the program waits for the peer before it continues.
  const isExpecting = request.hasHeader('expect');
  const isQuiet = queued === false && writes > 0 && lastWriteMs !== undefined && !isExpecting;
  return {
    ended: request.writableEnded,
    missingBytes,
    queued,
    quietMs: isQuiet ? now() - Math.max(lastWriteMs, acquiredMs) : undefined,
    abandoned: false,
    awaitsContinue: (isExpecting && writes === 1 && !isContinued) || undefined,
  };
}

/** Bytes of the body that `Content-Length` announces and that were not written on the socket. */
function missingOn({ request, writtenAtAcquire }: HttpExchange, socket: ObservedSocket): number | undefined {
  const announced = announcedLength(request);
  const header = read(request, NODE.header);
  if (announced === undefined || header == null || !ASCII.test(header)) return undefined;
  if (read(request, NODE.outputSize) !== 0) return undefined;
  const written = socket.bytesWritten - writtenAtAcquire - header.length;
  return written < 0 ? undefined : announced - written;
}

function announcedLength(request: ObservedRequest): number | undefined {
  const length = request.getHeader('content-length');
  if (length === undefined || request.hasHeader('transfer-encoding')) return undefined;
  return /^\d{1,15}$/.test(String(length)) ? Number(length) : undefined;
}

/** Only an interim answer (1xx) was read, as far as the parser got: no byte of a response. */
function isInterim({ request, response }: HttpExchange): boolean {
  if (response !== undefined) return false;
  const parser = read(request, NODE.parser);
  const message: { readonly statusCode?: unknown } | null | undefined =
    parser == null ? undefined : read(parser, NODE.incoming);
  const status = message?.statusCode;
  return typeof status === 'number' && status >= 100 && status < 200 && status !== 101;
}

/**
 * Bytes that the response lacks according to its `Content-Length`: at least one, because it is not complete. The length
 * of its head is computed from its fields, in the form in which most servers write them.
 */
function missingOfResponse({ response, readAtAcquire }: HttpExchange, socket: ObservedSocket): number | undefined {
  const length = response?.headers['content-length'];
  if (response === undefined || response.complete || length === undefined || !/^\d{1,15}$/.test(length))
    return undefined;
  const fields = response.rawHeaders.reduce((sum, text) => sum + text.length + 2, 0);
  const head = 'HTTP/1.1 200 '.length + (response.statusMessage?.length ?? 0) + 4 + fields;
  return Math.max(1, Number(length) - (socket.bytesRead - readAtAcquire - head));
}

/** Node reads no more from the socket before the program reads the response. */
function isFull(response: HttpExchange['response']): boolean {
  return response !== undefined && response.readableLength >= response.readableHighWaterMark;
}

/** Known only where nothing was read since the response headers. */
function sinceByteMs({ headersMs, readAtHeaders }: HttpExchange, socket: ObservedSocket): number | undefined {
  return headersMs !== undefined && socket.bytesRead === readAtHeaders ? now() - headersMs : undefined;
}
