import { type CarrierKind, carrierKindOf, isNodesOwn, type ObservedSocket } from '../process/socket/socket';

/** What carries the bytes of a socket. */
export interface Carrier {
  readonly kind: CarrierKind;
  /** Written bytes go straight to the handle, without a method of the program's own in between. */
  readonly isDirect: boolean;
}

const UNKNOWN: Carrier = { kind: undefined, isDirect: false };

let carriers = new WeakMap<ObservedSocket, Carrier>();

export function forgetCarriers(): void {
  carriers = new WeakMap();
}

/** Determined once per socket, while it is open. */
export function carrierOf(socket: ObservedSocket): Carrier {
  const known = carriers.get(socket);
  if (known !== undefined) return known;
  if (socket.destroyed || socket.connecting) return UNKNOWN;
  const kind = carrierKindOf(socket);
  const carrier = { kind, isDirect: (kind === 'tcp' || kind === 'pipe') && isNodesOwn(socket) };
  carriers.set(socket, carrier);
  return carrier;
}
