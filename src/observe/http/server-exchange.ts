import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { field } from '../../connection/field';
import { ObservedExchange } from '../process/observed-exchange';
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
  declare readonly request: IncomingMessage;
  declare readonly response: ServerResponse;

  constructor(message: RequestStart, nowMs: number) {
    const request = field(message, 'request');
    super('server', field(request, 'method') ?? 'GET', nowMs);
    this.request = request;
    this.response = field(message, 'response');
  }

  override end(): void {
    super.end();
    const own = this as Record<'request' | 'response', unknown>;
    own.request = undefined;
    own.response = undefined;
  }
}
