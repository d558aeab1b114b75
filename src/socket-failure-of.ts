import { processState } from './observe/process/process-state';
import { isOfTunnel } from './observe/process/verdict-by-error';
import { commonVerdict, notSafe } from './verdict/common-verdict';
import { entriesOf, errorFactsOf, property } from './verdict/evidence/error-facts';
import type { SocketFailure } from './verdict/failure';

/** How many errors are read at most: a chain may be endless, or circular. */
const MOST_ERRORS = 100;

/**
 * The verdict on an error that the program caught: on the error itself, on any error in its `cause` chain, and on those
 * in an `AggregateError`'s `errors`. Undefined if none of them ended an observed request. Never throws, and reads each
 * error once. If the error stands for several requests (two calls that share an `AbortSignal`, the error of
 * `Promise.any`, one whose cause is the error of an earlier attempt), the result holds only the fields on which all of
 * them agree. `retrySafe` is true only if it is true for each of them, if each of the `errors` has a verdict, and if it
 * was not found behind an abort or a deadline that has none, which may have ended another request.
 */
export function socketFailureOf(error: unknown): SocketFailure | undefined {
  return verdictOn(error, new Set());
}

function verdictOn(error: unknown, seen: Set<object>): SocketFailure | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const known = processState.failures.get(error);
  if (seen.has(error) || seen.size === MOST_ERRORS) return known;
  seen.add(error);
  const list = property(error, 'errors');
  const errors = entriesOf(list).map((each) => verdictOn(each, seen));
  // What the rest of a long list stands for is unknown.
  if (Number(property(list, 'length')) > errors.length) errors.push(undefined);
  const cause = property(error, 'cause');
  // Other requests may share a signal's reason. A failed tunnel request stands for the request that needed the tunnel.
  const isReported = known !== undefined && (errorFactsOf(error).cancelled || isOfTunnel(cause));
  const below = isReported ? undefined : verdictOn(cause, seen);
  const [first, ...others] = new Set([known, ...errors, below].filter((each) => each !== undefined));
  if (first === undefined) return undefined;
  const common = others.reduce(commonVerdict, first);
  const isForAll = known !== undefined || (!errors.includes(undefined) && !isAbortOrDeadline(error, cause));
  if (!common.retrySafe || isForAll) return common;
  return notSafe(common);
}

/** An abort or a deadline. Many wrappers copy their cause's code, which says nothing about themselves. */
function isAbortOrDeadline(error: object, cause: unknown): boolean {
  const { cancelled, deadline, code, name } = errorFactsOf(error);
  return cancelled || (deadline && (name === 'TimeoutError' || code !== property(cause, 'code')));
}
