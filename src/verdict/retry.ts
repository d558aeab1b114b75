import type { FailureSent } from './failure';

/** RFC 9110 section 9.2.2, and QUERY (safe and idempotent by its draft). */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE', 'QUERY']);

export const isIdempotent = (method: string): boolean => IDEMPOTENT.has(method);

interface Attempt {
  readonly method: string;
  /** The program itself cancelled the request, or ended it with an error that it had from elsewhere. */
  readonly cancelled: boolean;
  readonly sent: FailureSent;
}

/**
 * May this request be sent again without harm to the server's state? Reuse alone never makes a POST safe, nor does a
 * peer's claim that it did not process the request: servers answer 408 while a handler is at work, and HAProxy refuses
 * streams (RFC 9113 section 8.7) whose requests its server has executed.
 */
export function isRetrySafe({ method, cancelled, sent }: Attempt): boolean {
  if (cancelled) return false;
  return sent === 'none' || isIdempotent(method);
}
