import { RETRY_POINTLESS, socketFailureOf } from 'opentelemetry-instrumentation-socket';

/** What all fixed clients have in common. */

/** Below the peer's idle timeout of 2 s, by the margin that an explanation advises. */
export const IDLE_TIMEOUT_MS = 1_000;

/** For one call, retries and backoff included. */
export const DEADLINE_MS = 10_000;

/** More than fit into the deadline on average: it is the deadline that ends a call. */
export const RETRIES = 10;

export const FIRST_BACKOFF_MS = 200;
export const LONGEST_BACKOFF_MS = 1_000;

/** Sending the request again harms nothing, and is of use. */
export function isWorthRetrying(error: unknown): boolean {
  const failure = socketFailureOf(error);
  return failure?.retrySafe === true && !RETRY_POINTLESS.includes(failure.cause);
}

const IDEMPOTENT = ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'];

/** For an error without a verdict: what the method alone allows. */
export function isIdempotent(method = 'GET'): boolean {
  return IDEMPOTENT.includes(method.toUpperCase());
}

/** Exponential backoff with full jitter, whole ms; `retry` counts from 1. */
export function fullJitterMs(retry: number): number {
  return Math.ceil(Math.random() * Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (retry - 1)));
}

const MOST_TOKENS = 50;
const TOKENS_PER_SUCCESS = 0.2;

/**
 * Keeps retries from multiplying the load on a peer that is down: each takes a token, and each success brings back a
 * fifth of one. While a peer answers nothing, a client sends at most 50 requests more than it was asked for.
 */
export class RetryBudget {
  #tokens = MOST_TOKENS;

  onSuccess(): void {
    this.#tokens = Math.min(MOST_TOKENS, this.#tokens + TOKENS_PER_SUCCESS);
  }

  /** Takes a token; false if none is left. */
  tryRetry(): boolean {
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
