import { type ErrorFacts, entriesOf, errorFactsOf, property } from '../../../verdict/evidence/error-facts';
import type { UndiciExchange } from '../exchange';
import type { AbortReason } from '../internals';

/* What the error of a failed request shows of this request. */

/** undici's own error for a request that it aborts, whatever the reason. */
export function isPlainAbort(error: unknown): boolean {
  return property(error, 'code') === 'UND_ERR_ABORTED';
}

/**
 * The deadline that ended another request, or the source of the body, is not one of this request. The abort of one
 * whose sink cannot be read is no sign that the program cancelled it: the sink may have failed, as may the source.
 */
export function shapeOf(error: unknown, isBorrowed: boolean, isHidden: boolean): ErrorFacts {
  const shape = errorFactsOf(error);
  return {
    ...shape,
    deadline: shape.deadline && !isBorrowed,
    connectTimer: shape.connectTimer && !isBorrowed,
    cancelled: shape.cancelled && !isHidden,
  };
}

/** The program has closed the stream that took the answer, and a pipeline of Node's has ended the answer for that. */
export function isBodyLeft({ answered, connection }: UndiciExchange, { code }: ErrorFacts): boolean {
  return answered && connection?.closing === undefined && code === 'ERR_STREAM_PREMATURE_CLOSE';
}

/**
 * undici passes on why it could not connect; a proxy's failure has its own codes. undici 8 calls the errors of several
 * addresses a timeout of its own if one of those is a timeout, whosever that was.
 */
export function connectShape(error: unknown): ErrorFacts {
  const cause = property(error, 'cause');
  const shape = errorFactsOf(entriesOf(property(cause, 'errors')).length > 0 ? cause : error);
  const isDenied = shape.code === 'UND_ERR_ABORTED' || shape.code.startsWith('UND_ERR_SOCKS5_');
  if (isDenied) return { ...shape, code: 'ERR_PROXY_TUNNEL', cancelled: false };
  return shape.code.startsWith('UND_ERR_PRX_') ? errorFactsOf(cause) : shape;
}

/**
 * The error shows only that the request was aborted, and the reason cannot be read: with `fetch` before it has a
 * connection, and always with a handler of another copy of undici.
 */
export function isReasonHidden(
  { attempt }: UndiciExchange,
  shape: ErrorFacts,
  abort: AbortReason | undefined,
): boolean {
  if (abort !== undefined || shape.deadline) return false;
  return shape.code === 'UND_ERR_ABORTED' || (shape.cancelled && attempt === undefined);
}
