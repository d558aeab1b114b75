import type { ConnectionFacts } from '../connection/facts';
import { isIdleTooShort } from './advice/fix-idle-timeout';
import { type FailureCause, RETRY_POINTLESS, type ReportedFailure } from './failure';

/** Causes that a setting of this client ends, whether or not a retry is safe. */
const AVOIDED_BY_SETTING: readonly FailureCause[] = ['stale_keepalive', 'idle_expired'];

/**
 * A retry would be safe but would fail again until someone fixes the cause. Whether a longer deadline would have been
 * met is unknown; and the error of a request that a deadline ended never says that a retry is safe, because others may
 * have ended with it.
 */
export const RETRIED_IN_VAIN: readonly FailureCause[] = [
  'not_listening',
  'unreachable',
  'name_not_resolved',
  'connect_timeout',
  'client_timeout',
];

type Verdict = Partial<Pick<ReportedFailure, 'cause' | 'retrySafe'>>;

/** A retry would have done no harm, and may well have succeeded. */
export function isRetryWorthwhile({ cause, retrySafe }: Verdict): boolean {
  return retrySafe === true && !RETRY_POINTLESS.includes(cause) && !RETRIED_IN_VAIN.some((each) => each === cause);
}

/**
 * The client alone could have avoided this failure, by an idle timeout or a safe retry. `connection`: that of the
 * failure, as far as it is known.
 */
export function isAvoidable(verdict: Verdict, connection: Partial<ConnectionFacts> = {}): boolean {
  const isEnded = AVOIDED_BY_SETTING.some((each) => each === verdict.cause);
  return (
    (isEnded && !(verdict.cause === 'stale_keepalive' && isIdleTooShort(connection))) || isRetryWorthwhile(verdict)
  );
}
