import type { ResourceLimit } from '../evidence/codes';
import { isCertificate } from '../evidence/tls-codes';
import { type FailureCause, RETRY_POINTLESS } from '../failure';
import { isRetrySafe } from '../retry';
import type { AdviceFacts } from './advice-facts';
import { clip, isOfLength, isOwnCertificateRefused, isReady, resourceLimit } from './phrases';

/** An immediate retry fails the same way; a later one may succeed. */
const AFTER_BACKOFF: ReadonlySet<FailureCause> = new Set(['rejected', 'not_listening', 'name_not_resolved']);

/** Whether to retry: safe or not, useful or not. */
export function retryOf(facts: AdviceFacts): string {
  const { failure, clues } = facts;
  const { cause, retrySafe, sent, initiator } = failure;
  if (cause === 'client_gone') return 'There is nothing to retry on this side';
  if (cause === 'client_cancelled')
    return `There is nothing to retry${failure.confidence === 'certain' ? '' : ' if it was cancelled'}`;
  const method = clip(facts.method, 20);
  if (isPointless(facts)) return `${retrySafe ? 'A retry is safe, but it' : 'A retry'} ${same(facts)}`;
  if (retrySafe)
    return `Safe to retry${AFTER_BACKOFF.has(cause) ? ' after a backoff' : ''}: ${sent === 'none' ? 'nothing was sent' : `${method} is idempotent`}`;
  if (sent === undefined && retrySafe === undefined) return 'Whether a retry is safe is not known';
  if (initiator === 'local' && sent === 'none')
    return 'Retry only if the error is about this request: none of it was sent';
  // The program ended it with this error, or by a signal, and perhaps others with the same.
  if (isRetrySafe({ method: facts.method, cancelled: false, sent: sent ?? 'partial' }))
    return 'Do not retry blindly: the error may stand for other requests, too';
  if (initiator === 'local') return `Do not retry blindly: the server may still be at work on this ${method}`;
  const refused = clues?.streamRefused ? ', although its stream was refused' : '';
  return `Do not retry blindly: the server may have executed this ${method}${refused}`;
}

/**
 * A TLS session that broke after its handshake may well work on another connection, unless a certificate is the reason.
 */
function isPointless(facts: AdviceFacts): boolean {
  const { cause, phase, initiator } = facts.failure;
  const isBroken = cause === 'tls_failed' && isReady(phase) && initiator !== 'local';
  return RETRY_POINTLESS.includes(cause) && !(isBroken && !isOwnCertificateRefused(facts));
}

/** Exhausted resources become available again; `family` may also be a lack of ports. */
const PASSING: ReadonlySet<ResourceLimit | undefined> = new Set<ResourceLimit>(['exhausted', 'ports', 'family']);

/** A server that is not ready yet says so of its TLS, and not every error tells why TLS failed. */
const LASTING = /UNRECOGNIZED_NAME|PROTOCOL_VERSION|HANDSHAKE_FAILURE|WRONG_VERSION_NUMBER/;

function isLasting(facts: AdviceFacts): boolean {
  const { failure, clues } = facts;
  const code = clues?.code ?? '';
  const isOfCertificate = isCertificate(code) || isOwnCertificateRefused(facts);
  return failure.cause !== 'tls_failed' || isOfCertificate || LASTING.test(code);
}

function same(facts: AdviceFacts): string {
  const { clues, failure } = facts;
  const { confidence } = failure;
  // Whoever feeds the body may have been cut off, such as the client of a proxy.
  const isCutOff = failure.cause === 'request_incomplete' && !isOfLength(clues);
  if (isCutOff || confidence === 'possible' || PASSING.has(resourceLimit(facts)) || !isLasting(facts))
    return 'may fail the same way';
  // Another of several machines may have another certificate.
  const isFixed = confidence === 'certain' && !isCertificate(clues?.code ?? '');
  return isFixed ? 'would fail the same way until that is fixed' : 'would probably fail the same way';
}
