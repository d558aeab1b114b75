import type { Origin } from '../../peer/origin';
import { processState } from '../process/process-state';
import { isHttp2, isSecure, type ObservedSocket } from '../process/socket/socket';

type Protocol = 'h1' | 'h2';

/** The protocol of the connections to each origin; HTTP/2 is kept once it was observed. */
let protocols = new WeakMap<Origin, Protocol>();

/** An observation has ended: connections from then on may be unknown to the next one. */
let hasGap = false;

export function forgetProtocols(): void {
  protocols = new WeakMap();
  hasGap = true;
}

/** A connection to this origin was observed. */
export function noteProtocol(origin: Origin | undefined, socket: ObservedSocket): void {
  if (origin === undefined || protocols.get(origin) === 'h2') return;
  if (isHttp2(socket)) protocols.set(origin, 'h2');
  // With TLS there may be older ones, from before the origin was forgotten or while nobody looked.
  else if (!isSecure(socket) || !(hasGap || processState.origins.hasForgotten)) protocols.set(origin, 'h1');
}

/** Undefined before the first connection. undici 6 does not report which requests it writes on HTTP/2. */
export function protocolOf(origin: Origin | undefined): Protocol | undefined {
  return origin === undefined ? undefined : protocols.get(origin);
}
