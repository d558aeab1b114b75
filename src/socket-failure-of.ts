import { processState } from './observe/process/process-state';
import { property } from './verdict/evidence/error-facts';
import type { SocketFailure } from './verdict/failure';

const DEPTH = 16;

/**
 * The verdict on an error that the program caught: on the error itself, on anything in its `cause` chain, or on anything
 * in an `AggregateError`'s `errors`. Undefined if none of them ended a request that was observed. Never throws.
 *
 * If one error object ended several requests (two calls that share an `AbortSignal`), the result holds only what all of
 * them agree on, and `retrySafe` is true only if it is true for all.
 */
export function socketFailureOf(error: unknown): SocketFailure | undefined {
  return search(error, DEPTH);
}

function search(error: unknown, depth: number): SocketFailure | undefined {
  if (typeof error !== 'object' || error === null || depth === 0) return undefined;
  const known = processState.failures.get(error);
  if (known !== undefined) return known;
  const among = property(error, 'errors');
  if (Array.isArray(among)) {
    for (const each of among.slice(0, DEPTH)) {
      const found = search(each, depth - 1);
      if (found !== undefined) return found;
    }
  }
  return search(property(error, 'cause'), depth - 1);
}
