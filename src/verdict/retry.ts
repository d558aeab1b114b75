import { endedByEarly408 } from './evidence/early-408';
import type { Evidence } from './evidence/evidence';
import { isEarly, wasInKernel } from './evidence/timing';
import type { FailureSent } from './failure';

/** RFC 9110 section 9.2.2, and QUERY (safe and idempotent by its draft). */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE', 'QUERY']);

interface Attempt {
  readonly method: string;
  /** The program itself cancelled the request, or ended it with an error that it had from elsewhere. */
  readonly cancelled: boolean;
  readonly sent: FailureSent;
  /** The peer reported that it did not process the request. */
  readonly unprocessed: boolean;
}

/** May this request be sent again without harm to the server's state? Reuse alone never makes a POST safe. */
export function isRetrySafe({ method, cancelled, sent, unprocessed }: Attempt): boolean {
  if (cancelled) return false;
  return sent === 'none' || unprocessed || IDEMPOTENT.has(method);
}

/**
 * The peer did not process the request. A 408 means that it received no complete one (RFC 9110 section 15.5.9), but
 * servers also say so of handlers that take too long, and of uploads whose handler is at work: only one that came before
 * the peer can have seen the request proves that, and was there at the first look: what a round trip takes is known only
 * from connects and answers, which may both take longer.
 */
export function isUnprocessed(e: Evidence): boolean {
  return e.unprocessed === true || (endedByEarly408(e) && isEarly(e) && wasInKernel(e.waitedMs));
}
