import { notSafe } from '../../../verdict/common-verdict';
import type { SocketFailure } from '../../../verdict/failure';
import { isIdempotent } from '../../../verdict/retry';
import { processState } from '../../process/process-state';
import { remember } from '../../process/verdict-by-error';
import type { UndiciExchange } from '../exchange';
import { handlerOf } from '../internals';

/** What the attempts of undici's retries failed with so far, by the handler that they share (undici 6 and 8). */
let attempts = new WeakMap<object, SocketFailure>();
/** Handlers of attempts that were answered, but not with success: the server may have executed them. */
let answered = new WeakSet<object>();

export function forgetAttempts(): void {
  attempts = new WeakMap();
  answered = new WeakSet();
}

/** A retry or a redirect may follow this answer, under the same handler. */
export function noteAnswered({ request, method }: UndiciExchange): void {
  const handler = isIdempotent(method) ? undefined : handlerOf(request);
  if (handler !== undefined) answered.add(handler);
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
  if (failure === undefined) return;
  const joined = answered.has(handler) && failure.retrySafe === true ? notSafe(failure) : failure;
  attempts.set(handler, joined);
  processState.failures.set(error, joined);
}
