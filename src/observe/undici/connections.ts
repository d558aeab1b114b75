import { Connection } from '../../connection/connection';
import type { Origin } from '../../peer/origin';
import { nextTick, now } from '../process/clock';
import { removeFromOpen, reportOpened } from '../process/open-connections';
import { before, guarded, subscribe, type Undo, undoAll } from '../process/patch';
import { NODE, TLS_INIT } from '../process/private-members';
import { processState } from '../process/process-state';
import { checkMethod, read } from '../process/read-private';
import { timeSetup } from '../process/socket/connect-timing';
import { endpointsOf, isSecure, isSocket, type ObservedSocket, socketBelow } from '../process/socket/socket';
import { noteConnecting } from './exchanges';
import { forgetProtocols, noteProtocol } from './protocols';
import { openCarrierOf, stateOf } from './undici-connection';

/** What undici is about to connect to. */
interface ConnectParams {
  readonly hostname: string;
  readonly protocol: string;
  /** Empty: the default port of the scheme. */
  readonly port: string;
}

/** The messages of the channels about connecting. */
export interface ConnectMessage {
  readonly connectParams: ConnectParams;
  readonly connector: unknown;
  readonly socket?: unknown;
  readonly error?: unknown;
}

/** The TCP keep-alive delay that undici's own connector sets on its sockets, in seconds. */
const KEEP_ALIVE_DELAY_S = 60;

/** A client is connecting: a socket that is created in the same synchronous call may belong to it. */
let expected: ConnectParams | undefined;
/** The connection that a client got in the current synchronous call. */
let latest: Connection | undefined;
/** Connectors of Unix sockets. Two of them may have the same URL, and no message contains their paths. */
let pipes = new WeakMap<object, string>();
let pipeCount = 0;

/** Observes the setup of undici's connections. */
export function observeUndiciConnections(): Undo {
  return undoAll([
    subscribe('undici:client:beforeConnect', (message) => {
      expected = (message as ConnectMessage).connectParams;
      noteConnecting(originOf(expected), now());
      nextTick(forgetExpected, expected);
      if (expected.protocol === 'https:') observeTlsSockets();
    }),
    subscribe('net.client.socket', (message) => onSocketCreated((message as { socket: unknown }).socket)),
    subscribe('undici:client:connected', (message) => onConnected(message as ConnectMessage)),
    forgetProtocols,
    () => {
      expected = undefined;
      latest = undefined;
      pipes = new WeakMap();
      undoTls?.();
      undoTls = undefined;
    },
  ]);
}

let undoTls: Undo | undefined;

/**
 * Before Node 22, the creation of a TLS socket is not published. The class is patched just before a client creates one:
 * loading `tls` takes several milliseconds, which a program that needs none saves.
 */
function observeTlsSockets(): void {
  if (undoTls !== undefined || Number.parseInt(process.versions.node, 10) >= 22) return;
  const { prototype } = loadTls().TLSSocket;
  checkMethod(TLS_INIT, prototype);
  undoTls = before(prototype, TLS_INIT.name, (socket) => onSocketCreated(socket));
}

/**
 * Uses Node's own function where it exists (20.16 and up), because `require` may belong to a test runner that has
 * ended.
 */
function loadTls(): typeof import('node:tls') {
  // biome-ignore lint/style/noCommonJs: an import loads it everywhere
  return process.getBuiltinModule?.('node:tls') ?? require('node:tls');
}

function forgetExpected(params: ConnectParams): void {
  if (expected === params) expected = undefined;
}

function forgetLatest(connection: Connection): void {
  if (latest === connection) latest = undefined;
}

function onSocketCreated(socket: unknown): void {
  if (expected === undefined || !isSocket(socket) || processState.sockets.has(socket)) return;
  nextTick(timeIfUndicis, socket, expected, now());
  expected = undefined;
}

/**
 * Times the set-up of a socket that its connector has just created. A custom connector may wait before it connects, and
 * the socket may be another's: undici's own sockets already have a setting that identifies them. Nothing is counted or
 * claimed before undici reports that the socket is connected.
 */
const timeIfUndicis = guarded((socket: ObservedSocket, params: ConnectParams, bornMs: number): void => {
  if (socket.destroyed || !socket.connecting || processState.sockets.has(socket)) return;
  if (read(socket, NODE.keepAliveDelay) !== KEEP_ALIVE_DELAY_S) return;
  const connection = track(socket, originOf(params), bornMs, false);
  timeSetup(socket, connection, ({ origin }, roundTripMs) => origin?.connected(now(), roundTripMs));
});

/** A client has its connection. One that was not timed came through a tunnel, or from a custom connector. */
function onConnected({ connectParams, connector, socket }: ConnectMessage): void {
  if (!isSocket(socket)) return;
  const origin = openCarrierOf(socket) === 'pipe' ? pipeOf(connectParams, connector) : originOf(connectParams);
  const known = processState.sockets.get(socket);
  const connection = known?.transport === 'undici' ? known : track(socket, origin, now(), true);
  if (connection.uses === 0) connection.origin = origin;
  // A tunnel made through another client, and the connection below TLS, are the same connection.
  for (const one of [known, processState.sockets.get(socketBelow(socket) ?? socket)])
    if (one !== undefined && one !== connection) removeFromOpen(one);
  noteProtocol(origin, socket);
  stateOf(connection, socket);
  reportOpened(connection);
  latest = connection;
  nextTick(forgetLatest, connection);
}

function originOf({ protocol, hostname, port }: ConnectParams, path?: string): Origin {
  return processState.origins.of(protocol, hostname, portOf({ protocol, port }), path);
}

const DEFAULT_PORT: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

export function portOf({ protocol, port }: Pick<ConnectParams, 'protocol' | 'port'>): number | undefined {
  return port === '' ? DEFAULT_PORT[protocol] : Number(port);
}

/** The peer that this connector reaches over a Unix socket. */
export function pipeOf(params: ConnectParams, connector: unknown): Origin {
  if (typeof connector !== 'function') return originOf(params, ' ');
  let path = pipes.get(connector);
  if (path === undefined) {
    pipeCount += 1;
    path = ` ${pipeCount}`;
    pipes.set(connector, path);
  }
  return originOf(params, path);
}

/**
 * The connection that a client for this origin got in the current synchronous call: a request that fails now was
 * waiting for it.
 */
export function connectedNow(origin: Origin | undefined): Connection | undefined {
  return latest !== undefined && latest.origin === origin && latest.uses === 0 ? latest : undefined;
}

/** Begins the record of a socket. `adopted`: it is already connected. */
export function track(socket: ObservedSocket, origin: Origin | undefined, nowMs: number, adopted: boolean): Connection {
  const connection = new Connection(processState.nextId++, nowMs, {
    transport: 'undici',
    secure: isSecure(socket),
    adopted,
  });
  connection.origin = origin;
  if (adopted) connection.endpoints = endpointsOf(socket);
  connection.socket = new WeakRef(socket);
  processState.sockets.set(socket, connection);
  return connection;
}
