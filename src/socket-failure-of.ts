import { processState } from './observe/process/process-state';
import { property } from './verdict/evidence/error-facts';
import type { SocketFailure } from './verdict/failure';

/** Errors that are looked at in one call, at most: `errors` and `cause` may lead back, or on and on. */
const LOOKS = 64;

/**
 * The verdict on an error that the program caught: on the error itself, on anything in its `cause` chain, or on anything
 * in an `AggregateError`'s `errors`. Undefined if none of them ended a request that was observed. Never throws.
 *
 * If one error object ended several requests (two calls that share an `AbortSignal`), the result holds only what all of
 * them agree on, and `retrySafe` is true only if it is true for all.
 */
export function socketFailureOf(error: unknown): SocketFailure | undefined {
  return search(error, new Set());
}

/** Each error is looked at once, its `errors` before its `cause`. */
function search(error: unknown, seen: Set<object>): SocketFailure | undefined {
  if (typeof error !== 'object' || error === null || seen.size >= LOOKS || seen.has(error)) return undefined;
  seen.add(error);
  const known = processState.failures.get(error);
  if (known !== undefined) return known;
  for (const each of entries(property(error, 'errors'))) {
    const found = search(each, seen);
    if (found !== undefined) return found;
  }
  return search(property(error, 'cause'), seen);
}

/** What is in a list, as far as may be looked at; nothing if it is none, or cannot be read. */
function entries(list: unknown): readonly unknown[] {
  try {
    return Array.isArray(list) ? Array.from({ length: Math.min(list.length, LOOKS) }, (_, i) => list[i]) : [];
  } catch {
    return [];
  }
}
