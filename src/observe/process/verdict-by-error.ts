import { commonVerdict } from '../../verdict/common-verdict';
import type { SocketFailure } from '../../verdict/failure';
import { processState } from './process-state';

/** Verdicts on requests for a tunnel, by this copy of the package. The request that the tunnel was for fails with the same error. */
const ofTunnels = new WeakSet<SocketFailure>();

export function noteTunnelFailure(failure: SocketFailure): void {
  ofTunnels.add(failure);
}

/** A request for a tunnel failed with this error. */
export function isOfTunnel(error: unknown): boolean {
  const known = typeof error === 'object' && error !== null ? processState.failures.get(error) : undefined;
  return known !== undefined && ofTunnels.has(known);
}

/**
 * Stores the verdict on an error object; if several requests share it, what their verdicts have in common. The verdict
 * on a tunnel request is replaced by that on the request that needed the tunnel.
 */
export function remember(error: unknown, failure: SocketFailure): void {
  if (typeof error !== 'object' || error === null) return;
  const known = processState.failures.get(error);
  if (known === failure) return;
  const isAlone = known === undefined || (ofTunnels.has(known) && !ofTunnels.has(failure));
  processState.failures.set(error, isAlone ? failure : commonVerdict(known, failure));
}
