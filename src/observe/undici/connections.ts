import tls from 'node:tls';
import { Connection } from '../../connection/connection';
import { now } from '../process/clock';
import { needsLookup, timeSetup } from '../process/connect-timing';
import { onConnected } from '../process/open-connections';
import { before, subscribe, type Undo, undoAll } from '../process/patch';
import { processState } from '../process/process-state';
import { endpointsOf, isSocket, type ObservedSocket } from '../process/socket';
import { isHttp2, type UndiciExchange } from './exchange';
import { forgetStreams, noteStreams } from './http2-streams';

/** What undici is about to connect to. */
interface ConnectParams {
  readonly hostname: string;
  readonly protocol: string;
  /** Empty: the scheme's own. */
  readonly port: string;
}

let inFlight = new WeakMap<Connection, UndiciExchange[]>();
/** A client is making a connection: the socket that is born in this very turn is its. */
let expected: ConnectParams | undefined;

/** Watches how undici's connections are made. */
export function observeUndiciConnections(): Undo {
  inFlight = new WeakMap();
  return undoAll([
    subscribe('undici:client:beforeConnect', (message) => {
      expected = (message as { connectParams: ConnectParams }).connectParams;
      process.nextTick(forgetExpected, expected);
    }),
    subscribe('net.client.socket', (message) => onBirth((message as { socket: unknown }).socket)),
    // Node 20 does not publish the birth of a TLS socket.
    before(tls.TLSSocket.prototype, '_init', (socket) => onBirth(socket)),
    // One that was not seen coming: through a proxy's tunnel, or from a connector of the program's own.
    subscribe('undici:client:connected', (message) => {
      const { socket, connectParams } = message as { socket: unknown; connectParams: ConnectParams };
      if (!isSocket(socket)) return;
      const connection = processState.sockets.get(socket) ?? track(socket, originOf(connectParams), true);
      if (isHttp2(socket)) noteStreams(connection);
    }),
    forgetStreams,
    () => {
      expected = undefined;
    },
  ]);
}

function forgetExpected(params: ConnectParams): void {
  if (expected === params) expected = undefined;
}

function onBirth(socket: unknown): void {
  if (expected === undefined || !isSocket(socket) || processState.sockets.has(socket)) return;
  const origin = originOf(expected);
  expected = undefined;
  timeSetup(socket, track(socket, origin, false), onConnected);
}

function originOf({ protocol, hostname, port }: ConnectParams): Connection['origin'] {
  return processState.origins.of(protocol, hostname, port === '' ? DEFAULT_PORT[protocol] : Number(port));
}

const DEFAULT_PORT: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

/** Begins the record of a socket. `adopted`: it is connected already. */
export function track(socket: ObservedSocket, origin: Connection['origin'], adopted: boolean): Connection {
  const connection = new Connection(processState.nextId++, now(), {
    transport: 'undici',
    secure: socket instanceof tls.TLSSocket,
    adopted,
    resolving: needsLookup(origin?.host, undefined),
  });
  connection.origin = origin;
  if (adopted) connection.endpoints = endpointsOf(socket);
  processState.sockets.set(socket, connection);
  return connection;
}

/** The requests that are on a connection now, oldest first: with pipelining or HTTP/2 more than one. */
export function exchangesOn(connection: Connection): UndiciExchange[] {
  let exchanges = inFlight.get(connection);
  if (exchanges === undefined) {
    exchanges = [];
    inFlight.set(connection, exchanges);
  }
  return exchanges;
}
