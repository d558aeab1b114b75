import type { Closing } from '../../connection/closing';
import { isFailedCall } from '../../verdict/evidence/codes';
import { errorFactsOf, property } from '../../verdict/evidence/error-facts';
import { isOwnCall } from '../process/socket/own-call';
import type { ObservedSocket } from '../process/socket/socket';

/**
 * With `httpAllowHalfOpen` a server goes on after its client's FIN, so that only this process, or a failed call, ends
 * the exchange. `exception`: the error with which the socket is destroyed.
 */
export function isServedOn(socket: ObservedSocket, { how }: Closing, exception: unknown): boolean {
  if (how !== 'fin' || (isFailedCall(errorFactsOf(exception)) && isOwnCall(socket))) return false;
  return property(property(socket, 'server'), 'httpAllowHalfOpen') === true;
}
