import { processState } from './observe/process/process-state';
import { entriesOf, property } from './verdict/evidence/error-facts';
import type { SocketFailure } from './verdict/failure';

/** How many errors are read at most: a chain may be endless, or circular. */
const MOST_ERRORS = 100;

/**
 * The verdict on an error that the program caught: on the error itself, on any error in its `cause` chain, or on any in
 * an `AggregateError`'s `errors`. Undefined if none of them ended an observed request. Never throws, and reads each
 * error once. If one error object ended several requests (two calls that share an `AbortSignal`), the result holds only
 * the fields on which all of them agree, and `retrySafe` is true only if it is true for all.
 */
export function socketFailureOf(error: unknown): SocketFailure | undefined {
  const seen = new Set<object>();
  const waiting = [error];
  while (waiting.length > 0 && seen.size < MOST_ERRORS) {
    const next = waiting.pop();
    if (typeof next !== 'object' || next === null || seen.has(next)) continue;
    const known = processState.failures.get(next);
    if (known !== undefined) return known;
    seen.add(next);
    waiting.push(property(next, 'cause'), ...entriesOf(property(next, 'errors')).reverse());
  }
  return undefined;
}
