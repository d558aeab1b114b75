import { type ErrorFacts, entriesOf, errorFactsOf, property } from '../../../verdict/evidence/error-facts';
import type { UndiciExchange } from '../exchange';
import type { AbortReason } from '../internals';

/* What the error of a failed request shows of this request. */

/** undici's own error for a request that it aborts, whatever the reason. */
export function isPlainAbort(error: unknown): boolean {
  return property(error, 'code') === 'UND_ERR_ABORTED';
}

/**
 * The deadline that ended another request, or the source of the body, is not one of this request. If the sink cannot be
 * read, an abort does not show that the program cancelled the request: the sink may have failed, as may the source.
 */
export function requestErrorFacts(error: unknown, isBorrowed: boolean, isHidden: boolean): ErrorFacts {
  const facts = errorFactsOf(error);
  return {
    ...facts,
    deadline: facts.deadline && !isBorrowed,
    connectTimer: facts.connectTimer && !isBorrowed,
    cancelled: facts.cancelled && !isHidden,
  };
}

/** The program has closed the stream that took the answer, and a pipeline of Node's has ended the answer for that. */
export function isBodyLeft({ answered, connection, multiplexed }: UndiciExchange, { code }: ErrorFacts): boolean {
  // On HTTP/2, where undici 6 shows no connection, the peer may have reset the stream.
  if (multiplexed || connection === undefined) return false;
  return answered && connection?.closing === undefined && code === 'ERR_STREAM_PREMATURE_CLOSE';
}

/**
 * undici passes on why it could not connect; a proxy's failure has its own codes. undici 8 calls the errors of several
 * addresses a timeout of its own if one of those is a timeout, no matter who set it.
 */
export function connectErrorFacts(error: unknown): ErrorFacts {
  const cause = property(error, 'cause');
  const facts = errorFactsOf(entriesOf(property(cause, 'errors')).length > 0 ? cause : error);
  const isDenied = facts.code === 'UND_ERR_ABORTED' || facts.code.startsWith('UND_ERR_SOCKS5_');
  if (isDenied) return { ...facts, isTunnelRefused: true, cancelled: false };
  return facts.code.startsWith('UND_ERR_PRX_') ? errorFactsOf(cause) : facts;
}

/**
 * The error shows only that the request was aborted, and the reason cannot be read: with `fetch` before it has a
 * connection, and always with a handler of another copy of undici.
 */
export function isReasonHidden(
  { attempt }: UndiciExchange,
  facts: ErrorFacts,
  abort: AbortReason | undefined,
): boolean {
  if (abort !== undefined || facts.deadline) return false;
  return facts.code === 'UND_ERR_ABORTED' || (facts.cancelled && attempt === undefined);
}
