import { channel } from 'node:diagnostics_channel';
import { errorOf, resetError } from './errors';
import { Observation, withoutMembers } from './observation';
import type { UndiciStep } from './undici-steps';
import { type Kind, Wire } from './wire';

/** How undici speaks to this server. */
export interface UndiciKind extends Kind {
  readonly isHttp2: boolean;
  /** The handlers of `request` and `stream` keep the reason of an abort, that of `fetch` does not. */
  readonly keepsReason: boolean;
}

/** undici's request, as its channels publish it, and where it was sent last. */
interface Order {
  readonly id: string;
  readonly request: { readonly method: string; abort: unknown; readonly [HANDLER]: { reason?: unknown } };
  wire: Wire | undefined;
  /** It failed: nothing that undici sends later is part of it. */
  isOver: boolean;
}

const HANDLER = Symbol('handler');
let runs = 0;

/** undici's messages on its real channels, about sockets of Node's own over a kernel of ours, in any order. */
export class UndiciWorld {
  readonly observation = new Observation('undici');
  readonly orders: Order[] = [];
  readonly #wires: Wire[] = [];
  readonly #kind: UndiciKind;
  readonly #attempt: (step: () => void) => void;
  readonly #restore: () => void;
  readonly #connectParams: object;
  readonly #origin: string;
  #elsewhere = '';

  constructor(kind: UndiciKind, missing: readonly string[], attempt: (step: () => void) => void) {
    runs += 1;
    this.#kind = kind;
    this.#attempt = attempt;
    const hostname = `host-${runs}.test`;
    const protocol = kind.secure ? 'https:' : 'http:';
    this.#origin = `${protocol}//${hostname}`;
    this.#connectParams = { hostname, host: hostname, protocol, port: '', servername: null };
    this.#restore = withoutMembers(missing);
    this.observation.toggle(0);
    this.#create('POST');
  }

  /** Whether the server has read this request. */
  isParsed({ id }: Order): boolean {
    return [this.#elsewhere, ...this.#wires.map(({ received }) => received)].some((text) => {
      const at = text.indexOf(`x-id: ${id};`);
      return at >= 0 && text.indexOf('\r\n\r\n', at) >= 0;
    });
  }

  async take(step: UndiciStep): Promise<void> {
    if (step.what === 'tick') await new Promise(setImmediate);
    else if (step.what === 'microtask') await null;
    else if (step.what === 'toggle') this.observation.toggle(step.which % 2 === 0 ? 0 : 1);
    else if (step.what === 'create') this.#create(step.method);
    else if (step.what === 'dial') this.#attempt(() => this.#dial(step.which));
    else {
      const order = at(this.orders, step.which);
      const wire = at(this.#wires, step.on);
      if (order !== undefined) this.#attempt(() => this.#onRequest(step, order, wire));
      if (wire !== undefined) this.#attempt(() => this.#onWire(step, wire));
    }
  }

  #create(method: string): void {
    const request = {
      method,
      origin: this.#origin,
      path: '/',
      headers: ['x-id', String(this.orders.length)],
      aborted: false,
      abort: null,
      body: null,
      contentLength: method === 'POST' ? 4 : null,
      [HANDLER]: this.#kind.keepsReason ? { reason: null } : {},
    };
    this.orders.push({
      id: String(this.orders.length),
      request,
      wire: undefined,
      isOver: false,
    });
    publish('request:create', { request });
  }

  /** A client connects; the connector creates the socket at once or not. */
  #dial(which: number): void {
    publish('client:beforeConnect', { connectParams: this.#connectParams, connector: connectorOf(which) });
    const wire = new Wire(this.#kind);
    if (this.#kind.isHttp2) Object.assign(wire.socket, { alpnProtocol: 'h2' });
    this.#wires.push(wire);
  }

  #onRequest({ what, error, status }: UndiciStep, order: Order, wire: Wire | undefined): void {
    const { request } = order;
    if (what === 'begin') request.abort = () => undefined;
    if (what === 'send' && wire !== undefined) this.#send(order, wire, true);
    // undici 6 reports no headers on HTTP/2; on HTTP/1.1 every version reports them in the function that writes them.
    if (what === 'send unreported' && wire !== undefined) this.#send(order, wire, !this.#kind.isHttp2);
    if (what === 'send elsewhere' && !order.isOver) {
      request.abort = () => undefined;
      publish('client:sendHeaders', { request, headers: headOf(order), socket: {} });
      this.#elsewhere += headOf(order);
    }
    if (what === 'report headers sent' && wire !== undefined)
      publish('client:sendHeaders', { request, headers: headOf(order), socket: wire.socket });
    if (what === 'report body sent') publish('request:bodySent', { request });
    if (what === 'answer') publish('request:headers', { request, response: { statusCode: status, headers: [] } });
    if (what === 'complete') publish('request:trailers', { request, trailers: [] });
    if (what === 'abort' && this.#kind.keepsReason) request[HANDLER].reason = errorOf(error) ?? new Error('aborted');
    if (what === 'fail') this.#fail(order, errorOf(error) ?? new Error('failed'));
    if (what === 'fail with the error of the socket') this.#fail(order, wire?.socket.errored ?? resetError());
    if (what === 'report connect error') {
      const reason = errorOf(error) ?? new Error('connect');
      publish('client:connectError', { connectParams: this.#connectParams, connector: connectorOf(0), error: reason });
      if (status > 200) this.#fail(order, reason);
    }
  }

  /** undici writes a request on a connection that is up; on HTTP/2 in frames, which do not pass the socket. */
  #send(order: Order, wire: Wire, isReported: boolean): void {
    const { request } = order;
    if (order.isOver || !wire.isUp || !wire.isSecured) return;
    request.abort = () => undefined;
    order.wire = wire;
    const head = headOf(order);
    if (isReported) publish('client:sendHeaders', { request, headers: head, socket: wire.socket });
    if (this.#kind.isHttp2) wire.carry(head);
    else wire.socket.write(head);
  }

  /** Whatever is sent after a failure is not part of the request: on HTTP/1.1 undici closes its connection. */
  #fail(order: Order, error: Error): void {
    publish('request:error', { request: order.request, error });
    order.isOver = true;
    if (!this.#kind.isHttp2) order.wire?.socket.destroy(error);
  }

  #onWire(step: UndiciStep, wire: Wire): void {
    const { socket } = wire;
    if (step.what === 'look up') socket.emit('lookup', errorOf(step.error) ?? null, '127.0.0.1');
    if (step.what === 'connect') wire.connect(false);
    if (step.what === 'secure') wire.secure(step.which % 3 === 0);
    if (step.what === 'report connected') {
      const connectParams = this.#connectParams;
      publish('client:connected', { connectParams, connector: connectorOf(step.which), socket });
    }
    if (step.what === 'fate') wire.fate = step.fate;
    if (step.what === 'count refused') wire.countsRefused = true;
    if (step.what === 'flush') wire.flush(step.which % 2 === 0 ? 1 : 0.7);
    if (step.what === 'read') wire.read('HTTP/1.1 ');
    if (step.what === 'FIN') wire.end();
    if (step.what === 'RST') socket.destroy(resetError());
    if (step.what === 'destroy socket') socket.destroy(errorOf(step.error));
  }

  /** Every client is destroyed: what has not failed fails. */
  async end(): Promise<void> {
    for (const order of this.orders) {
      const error = Object.assign(new Error('The client is destroyed'), { code: 'UND_ERR_DESTROYED' });
      if (!order.isOver) this.#attempt(() => this.#fail(order, error));
    }
    for (const { socket } of this.#wires) this.#attempt(() => socket.destroy());
    await new Promise(setImmediate);
    this.#restore();
    this.observation.stop();
  }
}

function publish(name: string, message: object): void {
  channel(`undici:${name}`).publish(message);
}

function headOf({ id, request }: Order): string {
  return `${request.method} / HTTP/1.1\r\nx-id: ${id};\r\n\r\n`;
}

const CONNECTORS = [() => undefined, () => undefined];

function connectorOf(which: number): unknown {
  return CONNECTORS[which % CONNECTORS.length];
}

/** The steps name requests and sockets by numbers: any number means one of those that there are. */
function at<T>(list: readonly T[], which: number): T | undefined {
  return list[which % Math.max(1, list.length)];
}
