import net, { type Socket } from 'node:net';
import type { Endpoints } from '../../../connection/endpoints';
import type { Undo } from '../patch';
import { bytesDispatchedIn, NODE } from '../private-members';
import { type DestroyListener, processState } from '../process-state';
import { read } from '../read-private';

interface Address {
  address?: string;
  port?: number;
}

/** Node's socket. Its private members are read only through `read`. */
export interface ObservedSocket extends Socket {
  readonly encrypted?: boolean;
}

/** The methods with which all of Node's own sockets write: a socket that overrides one carries its bytes elsewhere. */
interface Writers {
  readonly write: unknown;
  readonly end: unknown;
  readonly _write: unknown;
  readonly _writev: unknown;
  readonly _writeGeneric: unknown;
}

// The exports of `net` are a large object, which is slow to read.
const NodesSocket = net.Socket;
const nodes: Writers = NodesSocket.prototype as unknown as Writers;

export function onDestroy(listener: DestroyListener): Undo {
  processState.destroyListeners.add(listener);
  return () => {
    processState.destroyListeners.delete(listener);
  };
}

export function isSocket(value: unknown): value is ObservedSocket {
  return value instanceof NodesSocket;
}

export function isHttp2(socket: ObservedSocket): boolean {
  return (socket as { readonly alpnProtocol?: unknown }).alpnProtocol === 'h2';
}

/** The prototype of Node's TLS sockets, once there was one. */
let tlsPrototype: object | undefined;

/**
 * Whether this is a Node TLS socket. `tls` is not loaded for this: loading takes as long as this package's, and
 * `require` may belong to a test runner that has ended.
 */
export function isSecure(socket: ObservedSocket): boolean {
  if (socket.encrypted !== true) return false;
  tlsPrototype ??= tlsPrototypeOf(socket);
  return tlsPrototype !== undefined && Object.prototype.isPrototypeOf.call(tlsPrototype, socket);
}

/** What is directly below `net.Socket` in its chain of prototypes, if that is `tls.TLSSocket`. */
function tlsPrototypeOf(socket: ObservedSocket): object | undefined {
  let one: unknown = socket;
  while (typeof one === 'object' && one !== null) {
    const base: unknown = Object.getPrototypeOf(one);
    if (base === nodes) return isTls(one) ? one : undefined;
    one = base;
  }
  return undefined;
}

function isTls(prototype: object): boolean {
  return prototype.constructor?.name === 'TLSSocket' && TLS_METHODS.every((name) => Object.hasOwn(prototype, name));
}

const TLS_METHODS = ['getPeerCertificate', 'getCipher', 'renegotiate', 'isSessionReused'];

/** The socket below a TLS one, if it was created first. */
export function socketBelow(socket: ObservedSocket): ObservedSocket | undefined {
  const below = read(socket, NODE.parentSocket);
  return isSocket(below) ? below : undefined;
}

/** What carries a socket: a connection of the machine or JavaScript (`none`); undefined if unknown. */
export type CarrierKind = 'tcp' | 'pipe' | 'none' | undefined;

const KINDS: Readonly<Record<string, CarrierKind>> = { TCP: 'tcp', Pipe: 'pipe', JSStream: 'none' };

/**
 * Read while the socket is alive: mocks and tunnels in JavaScript never have a handle, destroyed sockets no longer have
 * one.
 */
export function carrierKindOf(socket: ObservedSocket): CarrierKind {
  const handle = read(socket, NODE.handle);
  if (handle === null) return 'none';
  const lowest = handle === undefined ? undefined : lowestHandle(socket, handle);
  return lowest === undefined ? undefined : KINDS[lowest.constructor?.name];
}

/** How many TLS sessions may run inside each other: through an HTTPS proxy there are two. */
const MOST_SESSIONS = 4;

/** The handle below all TLS sessions; undefined if unknown. */
function lowestHandle(socket: ObservedSocket, handle: object): object | undefined {
  let lowest: object | undefined = isSecure(socket) ? read(handle, NODE.parentHandle) : handle;
  for (let i = 1; i < MOST_SESSIONS && lowest?.constructor?.name === 'TLSWrap'; i += 1)
    lowest = read(lowest, NODE.parentHandle);
  return lowest;
}

/**
 * Whether the socket writes as Node's own do, so that Node's counts show what was sent. Node itself replaces `write`
 * once the peer has closed a connection: nothing is written after that.
 */
export function isNodesOwn(socket: ObservedSocket): boolean {
  const own = socket as unknown as Writers;
  return (
    own._writeGeneric === nodes._writeGeneric &&
    own._write === nodes._write &&
    own._writev === nodes._writev &&
    own.end === nodes.end &&
    (own.write === nodes.write || socket.readableEnded)
  );
}

/**
 * Bytes passed to the kernel, with TLS to the TLS layer; undefined where the count is not Node's own, or cannot be read:
 * without a handle it is what Node saved of it, or 0 if Node did not close the handle itself.
 */
export function dispatchedOn(socket: ObservedSocket): number | undefined {
  if (Object.hasOwn(socket, NODE.bytesDispatched.name) || read(socket, NODE.handle) == null) return undefined;
  return read(socket, NODE.bytesDispatched);
}

/** `dispatchedOn` for a socket already checked. */
export function bytesDispatchedOn(socket: ObservedSocket): number | undefined {
  const count = bytesDispatchedIn(socket);
  return typeof count === 'number' ? count : undefined;
}

/** Nothing that the program wrote is still in this process; false if unknown. */
export function isFlushed(socket: ObservedSocket): boolean {
  return isQueued(socket) === false;
}

/**
 * Something that the program wrote is still in this process; undefined if unknown. With TLS the underlying handle is read.
 */
export function isQueued(socket: ObservedSocket): boolean | undefined {
  const handle = read(socket, NODE.handle);
  const dispatched = dispatchedOn(socket);
  if (handle == null || dispatched === undefined) return undefined;
  if (dispatched < socket.bytesWritten) return true;
  const lowest = lowestHandle(socket, handle);
  const size = lowest === undefined ? undefined : read(lowest, NODE.writeQueueSize);
  return size === undefined ? undefined : size > 0;
}

/**
 * Both ends, read once while the socket still has them. Node's getters cache what they read as visible properties of
 * the socket, so the handle is read instead.
 */
export function endpointsOf(socket: ObservedSocket): Endpoints {
  const handle = read(socket, NODE.handle);
  const local: Address = {};
  const peer: Address = {};
  if (handle != null) {
    read(handle, NODE.getsockname)?.call(handle, local);
    read(handle, NODE.getpeername)?.call(handle, peer);
  }
  lastLocal = sameString(local.address, lastLocal);
  lastPeer = sameString(peer.address, lastPeer);
  return { localAddress: lastLocal, localPort: local.port, peerAddress: lastPeer, peerPort: peer.port };
}

/** The addresses of the last connection: those of the next are mostly equal, and are then kept as the same strings. */
let lastLocal: string | undefined;
let lastPeer: string | undefined;

function sameString(address: string | undefined, last: string | undefined): string | undefined {
  return address === last ? last : address;
}

/** The kernel no longer knows a peer: the connection was reset or given up, rather than closed. False if unknown. */
export function hasLostPeer(socket: ObservedSocket): boolean {
  const status = peerStatus(socket);
  return status !== undefined && status !== 0;
}

/** The kernel still knows a peer. False if unknown. */
export function isPeerKnown(socket: ObservedSocket): boolean {
  return peerStatus(socket) === 0;
}

/** The kernel's result of `getpeername`: 0, or an error. */
function peerStatus(socket: ObservedSocket): unknown {
  const handle = read(socket, NODE.handle);
  return handle == null ? undefined : read(handle, NODE.getpeername)?.call(handle, {});
}
