import { type CarrierKind, carrierKindOf, isNodesOwn, type ObservedSocket } from '../process/socket/socket';

/** What carries the bytes of a socket. */
export interface Carrier {
  readonly kind: CarrierKind;
  /** What is written goes to the handle: no method of the program's own stands in between. */
  readonly isDirect: boolean;
}

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
  const kind = carrierKindOf(socket);
  const carrier = { kind, isDirect: (kind === 'tcp' || kind === 'pipe') && isNodesOwn(socket) };
  carriers.set(socket, carrier);
  return carrier;
}
