import net from 'node:net';
import { NODE } from '../process/private-members';
import { read } from '../process/read-private';
import type { ObservedSocket } from '../process/socket';

/** What carries the bytes of a socket. */
export interface Carrier {
  /** `none`: JavaScript, such as a tunnel or a mock; undefined: that could not be read. */
  readonly kind: 'tcp' | 'pipe' | 'none' | undefined;
  /** What is written goes to the handle: no method of the program's own stands in between. */
  readonly isDirect: boolean;
}

const KINDS: Readonly<Record<string, Carrier['kind']>> = { TCP: 'tcp', Pipe: 'pipe', JSStream: 'none' };
const WRITERS = ['write', '_write', '_writev', '_writeGeneric'];
const UNKNOWN: Carrier = { kind: undefined, isDirect: false };

let carriers = new WeakMap<ObservedSocket, Carrier>();

export function forgetCarriers(): void {
  carriers = new WeakMap();
}

/** Looked up once a socket, while it is open. */
export function carrierOf(socket: ObservedSocket): Carrier {
  const known = carriers.get(socket);
  if (known !== undefined) return known;
  if (socket.destroyed || socket.connecting) return UNKNOWN;
  const kind = kindOf(socket);
  const carrier = { kind, isDirect: (kind === 'tcp' || kind === 'pipe') && writesDirectly(socket) };
  carriers.set(socket, carrier);
  return carrier;
}

function kindOf(socket: ObservedSocket): Carrier['kind'] {
  const handle = read(socket, NODE.handle);
  if (handle === undefined) return undefined;
  if (handle === null) return 'none';
  const name = handle.constructor.name;
  const below = name === 'TLSWrap' ? read(handle, NODE.parentHandle)?.constructor.name : name;
  return below === undefined ? undefined : KINDS[below];
}

function writesDirectly(socket: ObservedSocket): boolean {
  return WRITERS.every((name) => Reflect.get(socket, name) === Reflect.get(net.Socket.prototype, name));
}
