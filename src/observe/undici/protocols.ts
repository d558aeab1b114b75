import type { Origin } from '../../peer/origin';
import type { ObservedSocket } from '../process/socket/socket';

type Protocol = 'h1' | 'h2';

/** What the connections to each origin speak; once one was of HTTP/2, that stays. */
let protocols = new WeakMap<Origin, Protocol>();

export function forgetProtocols(): void {
  protocols = new WeakMap();
}

/** A connection to this origin was seen. */
export function noteProtocol(origin: Origin | undefined, socket: ObservedSocket): void {
  if (origin === undefined || protocols.get(origin) === 'h2') return;
  protocols.set(origin, isHttp2(socket) ? 'h2' : 'h1');
}

/** Undefined before the first connection. undici 6 does not say which requests it writes on HTTP/2. */
export function protocolOf(origin: Origin | undefined): Protocol | undefined {
  return origin === undefined ? undefined : protocols.get(origin);
}

export function isHttp2(socket: ObservedSocket): boolean {
  return (socket as { readonly alpnProtocol?: unknown }).alpnProtocol === 'h2';
}
