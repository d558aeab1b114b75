import type { Evidence } from '../evidence/evidence';
import { type FailureCause, RETRY_POINTLESS } from '../failure';
import { isUnprocessed } from '../retry';
import { clip } from './phrases';
import type { Verdict } from './told';

/** A retry at once meets the same; later it may succeed. */
const AFTER_BACKOFF: ReadonlySet<FailureCause> = new Set(['rejected', 'not_listening', 'name_not_resolved']);

/** Whether to retry: safe or not, useful or not. */
export function retry(e: Evidence, v: Verdict): string {
  if (v.cause === 'client_cancelled') return 'nothing to retry';
  if (isPointless(v)) return `${v.retrySafe ? 'a retry is safe, but' : 'a retry'} ${same(v)}`;
  if (v.retrySafe) return `safe to retry${AFTER_BACKOFF.has(v.cause) ? ' after a pause' : ''}, ${reason(e, v)}`;
  if (v.initiator === 'local') return 'do not retry blindly, the server may still be at work on it';
  return `do not retry blindly, the server may have executed this ${clip(e.exchange.method, 20)}`;
}

/** A TLS session that broke after its handshake may well work on another connection. */
function isPointless({ cause, phase, initiator }: Verdict): boolean {
  if (cause === 'tls_failed' && phase !== 'tls' && initiator !== 'local') return false;
  return RETRY_POINTLESS.includes(cause);
}

function same({ confidence }: Verdict): string {
  return confidence === 'possible' ? 'may meet the same' : 'would likely meet the same';
}

function reason(e: Evidence, { sent }: Verdict): string {
  if (sent === 'none') return 'nothing was sent';
  if (isUnprocessed(e))
    return e.statusCode === 408 ? 'a 408 says that no request was read' : 'the peer did not process it';
  return `${e.exchange.method} is idempotent`;
}
