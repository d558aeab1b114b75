import {
  ExponentialBackoff,
  fullJitterGenerator,
  handleWhen,
  type IPolicy,
  retry,
  TimeoutStrategy,
  timeout,
  wrap,
} from 'cockatiel';
import { DEADLINE_MS, FIRST_BACKOFF_MS, isWorthRetrying, LONGEST_BACKOFF_MS, RETRIES, RetryBudget } from '../policy';

/** The policy for libraries without retries of their own: a deadline around retries, with a budget for each client. */
export function retryPolicy(isWorthIt: (error: Error) => boolean = isWorthRetrying): IPolicy {
  const budget = new RetryBudget();
  const retries = retry(
    handleWhen((error) => isWorthIt(error) && budget.tryRetry()),
    {
      maxAttempts: RETRIES,
      backoff: new ExponentialBackoff({
        generator: fullJitterGenerator,
        initialDelay: FIRST_BACKOFF_MS,
        maxDelay: LONGEST_BACKOFF_MS,
      }),
    },
  );
  retries.onSuccess(() => budget.onSuccess());
  return wrap(timeout(DEADLINE_MS, TimeoutStrategy.Cooperative), retries);
}
