import type { Origin } from '../../peer/origin';
import type { ObservedSocket } from '../process/socket';

/** Origins to which a connection of HTTP/2 was seen. */
let origins = new WeakSet<Origin>();

export function forgetHttp2Origins(): void {
  origins = new WeakSet();
}

/** A connection to this origin turned out to speak HTTP/2. */
export function noteHttp2(origin: Origin | undefined): void {
  if (origin !== undefined) origins.add(origin);
}

/** Whether a request to it may be on HTTP/2: undici 6 does not say which requests it writes there. */
export function speaksHttp2(origin: Origin | undefined): boolean {
  return origin !== undefined && origins.has(origin);
}

export function isHttp2(socket: ObservedSocket): boolean {
  return (socket as { readonly alpnProtocol?: unknown }).alpnProtocol === 'h2';
}
