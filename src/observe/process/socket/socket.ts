import net, { type Socket } from 'node:net';
import tls from 'node:tls';
import type { Endpoints } from '../../../connection/endpoints';
import type { Undo } from '../patch';
import { NODE } from '../private-members';
import { type DestroyListener, processState } from '../process-state';
import { read } from '../read-private';

interface Address {
  address?: string;
  port?: number;
}

/** Node's socket. Its private members are read through `read` only. */
export interface ObservedSocket extends Socket {
  readonly encrypted?: boolean;
}

/** What all of Node's own sockets write with: one that has another carries its bytes elsewhere. */
const WRITERS = ['write', 'end', '_write', '_writev', '_writeGeneric'] as const;

export function onDestroy(listener: DestroyListener): Undo {
  processState.destroyListeners.add(listener);
  return () => {
    processState.destroyListeners.delete(listener);
  };
}

export function isSocket(value: unknown): value is ObservedSocket {
  return value instanceof net.Socket;
}

export function isSecure(socket: ObservedSocket): boolean {
  return socket instanceof tls.TLSSocket;
}

/** The socket below a TLS one, if that was made before it. */
export function socketBelow(socket: ObservedSocket): ObservedSocket | undefined {
  const below = read(socket, NODE.parentSocket);
  return isSocket(below) ? below : undefined;
}

/** What is below a socket: a connection of the machine, or JavaScript (`none`). Undefined: not known. */
export type CarrierKind = 'tcp' | 'pipe' | 'none' | undefined;

const KINDS: Readonly<Record<string, CarrierKind>> = { TCP: 'tcp', Pipe: 'pipe', JSStream: 'none' };

/** Asked while the socket is alive: mocks and tunnels in JavaScript never have a handle, destroyed sockets no longer. */
export function carrierKindOf(socket: ObservedSocket): CarrierKind {
  const handle = read(socket, NODE.handle);
  if (handle === null) return 'none';
  const lowest = handle !== undefined && isSecure(socket) ? read(handle, NODE.parentHandle) : handle;
  return lowest === undefined ? undefined : KINDS[lowest.constructor?.name];
}

/**
 * Its bytes go the way that Node's own take, so that counts of Node's tell what left. Node itself replaces `write` once
 * the peer has ended a connection: nothing is written any more.
 */
export function isNodesOwn(socket: ObservedSocket): boolean {
  return WRITERS.every((name) => {
    const isReplaced = Reflect.get(socket, name) !== Reflect.get(net.Socket.prototype, name);
    return !isReplaced || (name === 'write' && socket.readableEnded);
  });
}

/**
 * Bytes that were handed to the kernel, on TLS to the TLS layer; undefined where the count is not Node's own, or what it
 * counts on cannot be read.
 */
export function dispatchedOn(socket: ObservedSocket): number | undefined {
  if (Object.hasOwn(socket, NODE.bytesDispatched.name) || read(socket, NODE.handle) === undefined) return undefined;
  return read(socket, NODE.bytesDispatched);
}

/** Nothing that the program wrote is still in this process; false where that is not known. On TLS the handle below is asked. */
export function isFlushed(socket: ObservedSocket): boolean {
  const handle = read(socket, NODE.handle);
  if (handle == null || dispatchedOn(socket) !== socket.bytesWritten) return false;
  const lowest = isSecure(socket) ? read(handle, NODE.parentHandle) : handle;
  return lowest !== undefined && read(lowest, NODE.writeQueueSize) === 0;
}

/**
 * Both ends, asked once while the socket can tell. Node's getters leave what they find on the socket as properties for
 * all to see, so the handle is asked.
 */
export function endpointsOf(socket: ObservedSocket): Endpoints {
  const handle = read(socket, NODE.handle);
  const local: Address = {};
  const peer: Address = {};
  if (handle != null) {
    read(handle, NODE.getsockname)?.call(handle, local);
    read(handle, NODE.getpeername)?.call(handle, peer);
  }
  return { localAddress: local.address, localPort: local.port, peerAddress: peer.address, peerPort: peer.port };
}

/** The kernel knows no peer any more: the connection was reset or given up, and did not just end. */
export function hasLostPeer(socket: ObservedSocket): boolean {
  const handle = read(socket, NODE.handle);
  const getpeername = handle == null ? undefined : read(handle, NODE.getpeername);
  return getpeername !== undefined && getpeername.call(handle, {}) !== 0;
}
