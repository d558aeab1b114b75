import { EventEmitter } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { field } from '../../connection/field';
import { errorFactsOf } from '../../verdict/evidence/error-facts';
import type { FailurePhase } from '../../verdict/failure';
import { ObservedExchange } from '../process/observed-exchange';
import { NODE } from '../process/private-members';
import { read } from '../process/read-private';
import { findServerSpan, reporterOf } from '../process/reporters';
import { carrierKindOf, dispatchedOn, isFlushed, type ObservedSocket } from '../process/socket/socket';

/** A message of the channels `http.server.request.start` and `http.server.response.finish`. */
export interface RequestStart {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly socket: ObservedSocket;
  readonly server: Server;
}

/** An exchange of an `http` or `https` server, with its request and response. */
export class ServerExchange extends ObservedExchange {
  /** Keeps the shape of Node's messages, as `ended` does that of exchanges: they may be read directly. */
  static readonly message: Record<keyof RequestStart, undefined> = {
    request: undefined,
    response: undefined,
    socket: undefined,
    server: undefined,
  };

  declare readonly request: IncomingMessage;
  declare readonly response: ServerResponse;
  /**
   * Bytes passed to the kernel on its connection before its response; undefined if unknown, or while others are written.
   */
  declare dispatchedBefore: number | undefined;

  constructor({ request, response }: RequestStart, nowMs: number) {
    super('server', field(request, 'method') ?? 'GET', nowMs);
    this.request = request;
    this.response = response;
    this.dispatchedBefore = undefined;
  }

  override end(): void {
    super.end();
    const own = this as Record<'request' | 'response', unknown>;
    own.request = undefined;
    own.response = undefined;
  }
}

/**
 * The whole response had been passed to the kernel. On TLS, Node reports it only in the next event loop turn; and a
 * handler that streams a file ends the response only after its last bytes.
 */
export function isWritten(exchange: ServerExchange, socket: ObservedSocket, exception: unknown): boolean {
  const { response } = exchange;
  if (response.socket !== socket || read(response, NODE.outputSize) !== 0) return false;
  if (!response.writableEnded && !isAllDispatched(exchange, socket)) return false;
  if (!isFlushed(socket)) return false;
  // Up to Node 22 the last write of a response is empty, and fails on a Unix socket whose peer is satisfied.
  return errorFactsOf(exception).syscall !== 'write' || carrierKindOf(socket) === 'pipe';
}

/**
 * The header was passed to the kernel, with all of the body that it announces; also if that is unknown: interim answers,
 * and a header that is not ASCII, have more bytes than are counted here.
 */
function isAllDispatched(exchange: ServerExchange, socket: ObservedSocket): boolean {
  const { response, method } = exchange;
  const header = read(response, NODE.header);
  if (header == null) return false;
  const isBodiless = method === 'HEAD' || response.statusCode === 204 || response.statusCode === 304;
  const length = isBodiless ? 0 : announcedLength(header);
  if (length === undefined) return false;
  const dispatched = dispatchedFor(exchange, socket);
  return dispatched === undefined || dispatched >= header.length + length;
}

/** Bytes of its response that were passed to the kernel, those of interim answers included; undefined if unknown. */
function dispatchedFor({ dispatchedBefore }: ServerExchange, socket: ObservedSocket): number | undefined {
  const dispatched = dispatchedOn(socket);
  return dispatched === undefined || dispatchedBefore === undefined ? undefined : dispatched - dispatchedBefore;
}

/** How far the exchange had got. Node makes a header before it sends it. */
export function phaseOf(exchange: ServerExchange, socket: ObservedSocket): FailurePhase {
  const { request, response } = exchange;
  const header = response.socket === socket ? read(response, NODE.header) : null;
  const isSent = header != null && read(response, NODE.headerSent) !== false;
  const isHeld = socket.writableCorked > 0 && socket.writableLength > 0;
  if (isSent && !isHeld && (dispatchedFor(exchange, socket) ?? header.length) >= header.length) return 'response';
  return request.complete ? 'wait' : 'request';
}

function announcedLength(header: string): number | undefined {
  const length = /\r\ncontent-length: *(\d{1,15})\r\n/i.exec(header)?.[1];
  return length === undefined || /\r\ntransfer-encoding:/i.test(header) ? undefined : Number(length);
}

/** The methods by which a context manager binds an emitter to a context: it defines them on the emitter itself. */
const ADDING = ['on', 'addListener', 'once', 'prependListener', 'prependOnceListener'] as const;
/** Listeners added to a response by these methods end up on this emitter, which only we can see. */
const probe = new EventEmitter();
const EVENT = 'close';
let asking: ServerExchange | undefined;

/**
 * The instrumentation that traced the request bound its context to the response, so that listeners added later run
 * inside it, by methods defined on the response itself. One of them is called on our own emitter: nothing is added to
 * the response, and no method or listener of the program is called: a method that is not the context manager's is not
 * used.
 */
export function lookForSpan(exchange: ServerExchange): void {
  const { response } = exchange;
  const name = ADDING.find((each) => isNodes(response, each) && isOfContextManager(ownValue(response, each)));
  if (name === undefined) return;
  asking = exchange;
  try {
    response[name].call(probe as ServerResponse, EVENT, ask);
    probe.emit(EVENT);
  } finally {
    asking = undefined;
    probe.removeAllListeners(EVENT);
  }
}

/** The context manager defines this function on emitters that it binds, such as one of ours. */
function isOfContextManager(method: unknown): boolean {
  if (typeof method !== 'function') return false;
  const sample = new EventEmitter();
  reporterOf('httpServer')?.bindEmitter?.(sample);
  return Object.hasOwn(sample, 'on') && sourceOf(sample.on) === sourceOf(method);
}

function sourceOf(method: object): string {
  return Function.prototype.toString.call(method);
}

function ownValue(holder: object, name: string): unknown {
  return Object.getOwnPropertyDescriptor(holder, name)?.value;
}

/** The class of the response has the method of every emitter. */
function isNodes(response: ServerResponse, name: (typeof ADDING)[number]): boolean {
  return Object.getPrototypeOf(response)[name] === EventEmitter.prototype[name];
}

function ask(): void {
  if (asking !== undefined) findServerSpan(asking);
}
