import { channel } from 'node:diagnostics_channel';
import http, { type ClientRequest } from 'node:http';
import { errorOf, resetError } from './errors';
import { ANSWERS, type HttpStep } from './http-steps';
import { Observation, withoutMembers } from './observation';
import { type Kind, Wire } from './wire';

/** A request of the program, and which one it is for the server. */
interface Order {
  readonly id: string;
  readonly request: ClientRequest;
}

let runs = 0;

/** Node's own client and agent on sockets of ours: a program, a server and a network that do what the steps say. */
export class HttpWorld {
  readonly observation = new Observation('httpClient');
  readonly orders: Order[] = [];
  readonly #wires: Wire[] = [];
  readonly #agent: http.Agent;
  readonly #host: string;
  readonly #restore;
  readonly #attempt: (step: () => void) => void;

  constructor(kind: Kind, hidden: readonly string[], maxSockets: number, attempt: (step: () => void) => void) {
    this.#attempt = attempt;
    runs += 1;
    this.#host = `host-${runs}.test`;
    this.#restore = withoutMembers(hidden);
    this.#agent = new http.Agent({ keepAlive: true, maxSockets });
    this.#agent.createConnection = () => {
      const wire = new Wire(kind);
      this.#wires.push(wire);
      return wire.socket;
    };
    this.observation.toggle(0);
    this.#attempt(() => this.#open('POST', 'whole'));
  }

  /** Whether the server has read the head of this request. */
  isParsed({ id }: Order): boolean {
    return this.#wires.some(({ received }) => {
      const at = received.indexOf(`X-Id: ${id};`);
      return at >= 0 && received.indexOf('\r\n\r\n', at) >= 0;
    });
  }

  async take(step: HttpStep): Promise<void> {
    const order = at(this.orders, step.which);
    const wire = at(this.#wires, step.which);
    switch (step.what) {
      case 'tick':
        await new Promise(setImmediate);
        break;
      case 'microtask':
        await null;
        break;
      case 'toggle':
        this.observation.toggle(step.which % 2 === 0 ? 0 : 1);
        break;
      case 'open':
        this.#attempt(() => this.#open(step.method, step.part));
        break;
      default:
        if (order !== undefined) this.#attempt(() => this.#onRequest(step, order.request, wire));
        if (wire !== undefined) this.#attempt(() => onWire(step, wire));
    }
  }

  #open(method: string, part: 'whole' | 'head' | 'piece'): void {
    const id = String(this.orders.length);
    const body = method === 'POST' ? 'body' : '';
    const headers = { 'X-Id': `${id};`, ...(body === '' ? {} : { 'Content-Length': body.length }) };
    const request = http.request({ agent: this.#agent, host: this.#host, method, headers });
    request.on('error', () => undefined);
    request.on('response', (response) => response.on('error', () => undefined).resume());
    request.on('upgrade', (_, socket) => socket.on('error', () => undefined));
    this.orders.push({ id, request });
    if (part === 'whole') request.end(body === '' ? undefined : body);
    else if (part === 'piece' && body !== '') request.write('bo');
    else request.flushHeaders();
  }

  #onRequest(step: HttpStep, request: ClientRequest, wire: Wire | undefined): void {
    const error = errorOf(step.error);
    if (step.what === 'finish request' && !request.writableEnded) request.end();
    if (step.what === 'destroy request') request.destroy(error);
    if (step.what === 'publish error') {
      channel('http.client.request.error').publish({ request, error });
      // Whatever is sent after a failure is not part of the request that failed.
      request.destroy(error);
    }
    if (step.what === 'destroy response') responseOf(request)?.destroy(error);
    const response = responseOf(request);
    if (step.what === 'publish response' && response !== undefined)
      channel('http.client.response.finish').publish({ request, response });
    if (step.what === 'other socket' && wire !== undefined && !request.destroyed) {
      this.#unqueue(request);
      request.onSocket(wire.socket);
    }
  }

  /** The agent would send it once more, even after it had failed on that socket: nobody can know that then. */
  #unqueue(request: ClientRequest): void {
    const queues = this.#agent.requests as Record<string, unknown[]>;
    for (const [name, queue] of Object.entries(queues)) {
      const rest = queue.filter((one) => one !== request);
      if (rest.length > 0) queues[name] = rest;
      else delete queues[name];
    }
  }

  /** The program ends everything, and what Node still has to say is said. */
  async end(): Promise<void> {
    for (const { request } of this.orders) this.#attempt(() => request.destroy());
    for (const { socket } of this.#wires) this.#attempt(() => socket.destroy());
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    this.#restore();
    this.observation.stop();
    this.#agent.destroy();
  }
}

function onWire(step: HttpStep, wire: Wire): void {
  const { socket } = wire;
  if (step.what === 'look up') socket.emit('lookup', errorOf(step.error) ?? null, '127.0.0.1');
  if (step.what === 'connect') wire.connect(false);
  if (step.what === 'secure') wire.secure(step.which % 3 === 0);
  if (step.what === 'refuse certificate') wire.refuseCertificate();
  if (step.what === 'fate') wire.fate = step.fate;
  if (step.what === 'count refused') wire.countsRefused = true;
  if (step.what === 'flush') wire.flush(step.which % 2 === 0 ? 1 : 0.7);
  if (step.what === 'answer') wire.read(ANSWERS[step.answer]);
  if (step.what === 'FIN') wire.end();
  if (step.what === 'RST') socket.destroy(resetError());
  if (step.what === 'destroy socket') socket.destroy(errorOf(step.error));
  if (step.what === 'time out') Reflect.get(socket, '_onTimeout').call(socket);
  if (step.what === 'repeat event') socket.emit(step.event);
  if (step.what === 'drop listeners')
    for (const listener of socket.listeners(step.event).slice(0, 1))
      socket.removeListener(step.event, listener as () => void);
}

function responseOf(request: ClientRequest): http.IncomingMessage | undefined {
  return (Reflect.get(request, 'res') as http.IncomingMessage | null) ?? undefined;
}

/** The steps name requests and sockets by numbers: any number means one of those that there are. */
function at<T>(list: readonly T[], which: number): T | undefined {
  return list[which % Math.max(1, list.length)];
}
