import { EventEmitter } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { field } from '../../connection/field';
import { ObservedExchange } from '../process/observed-exchange';
import { findServerSpan } from '../process/process-state';
import type { ObservedSocket } from '../process/socket/socket';

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

  constructor({ request, response }: RequestStart, nowMs: number) {
    super('server', field(request, 'method') ?? 'GET', nowMs);
    this.request = request;
    this.response = response;
  }

  override end(): void {
    super.end();
    const own = this as Record<'request' | 'response', unknown>;
    own.request = undefined;
    own.response = undefined;
  }
}

/** The methods by which a context manager binds an emitter to a context: it defines them on the emitter itself. */
const ADDING = ['prependOnceListener', 'prependListener', 'addListener', 'once', 'on'] as const;
/** Listeners added to a response by these methods end up on this emitter, which only we can see. */
const probe = new EventEmitter();
const EVENT = 'close';
let asking: ServerExchange | undefined;

/**
 * The instrumentation that traced the request bound its context to the response, so that listeners added later run
 * inside it, by methods defined on the response itself. One of them is called on our own emitter: nothing is added to
 * the response, and no method or listener of the program is called. A method that the program overrides is not used.
 */
export function lookForSpan(exchange: ServerExchange): void {
  const { response } = exchange;
  const name = ADDING.find((each) => Object.hasOwn(response, each) && isNodes(response, each));
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

/** The class of the response has the method of every emitter. */
function isNodes(response: ServerResponse, name: (typeof ADDING)[number]): boolean {
  return Object.getPrototypeOf(response)[name] === EventEmitter.prototype[name];
}

function ask(): void {
  if (asking !== undefined) findServerSpan(asking);
}
