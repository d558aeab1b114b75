import { errorFactsOf, property } from '../../../verdict/evidence/error-facts';
import type { UndiciExchange } from '../exchange';
import { abortReasonOf } from '../internals';

/**
 * A discarded answer did not fail: programs discard the bodies of redirects, and undici an answer that refuses an
 * upgrade.
 */
export function isDiscarded(exchange: UndiciExchange, error: unknown): boolean {
  const { isRedirect, connection, request, answered, multiplexed } = exchange;
  const { code, cancelled, deadline } = errorFactsOf(error);
  if (connection?.closing !== undefined) return false;
  // The error of a connection that ended says which.
  if (code === 'UND_ERR_SOCKET') return answered && !multiplexed && property(error, 'socket') == null;
  return isRedirect && cancelled && !deadline && abortReasonOf(request)?.reason == null;
}
