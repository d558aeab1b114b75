import type { SocketFailure } from '../../../verdict/failure';
import { processState, remember } from '../../process/process-state';
import type { UndiciExchange } from '../exchange';
import { handlerOf } from '../internals';

/** What the attempts of undici's retries failed with so far, by the handler that they share (undici 6 and 8). */
let attempts = new WeakMap<object, SocketFailure>();

export function forgetAttempts(): void {
  attempts = new WeakMap();
}

/**
 * Whoever catches the error of the last attempt asks for all of them: an earlier one may have been executed, although
 * nothing of the last was sent.
 */
export function joinAttempts({ request }: UndiciExchange, error: unknown): void {
  const handler = handlerOf(request);
  if (handler === undefined || typeof error !== 'object' || error === null) return;
  const before = attempts.get(handler);
  if (before !== undefined) remember(error, before);
  const failure = processState.failures.get(error);
  if (failure !== undefined) attempts.set(handler, failure);
}
