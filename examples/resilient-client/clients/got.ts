import http from 'node:http';
import {
  DEADLINE_MS,
  fullJitterMs,
  IDLE_TIMEOUT_MS,
  isIdempotent,
  isWorthRetrying,
  RETRIES,
  RetryBudget,
} from '../policy';
import type { Client } from './client';

interface Failed {
  readonly name: string;
  readonly options: { readonly method: string };
}

/** Got reports a truncated answer with an error of its own, which leads to no verdict. */
function isSafe(error: Failed): boolean {
  return isWorthRetrying(error) || (error.name === 'ReadError' && isIdempotent(error.options.method));
}

export const got: Client = {
  name: 'got',
  async naive(origin) {
    const { got: client } = await import('got');
    return ({ method, name, body }) => client(`${origin}/${name}`, { method, ...(body && { body }) });
  },
  async fixed(origin) {
    const { got: library } = await import('got');
    const budget = new RetryBudget();
    const client = library.extend({
      agent: { http: new http.Agent({ keepAlive: true, timeout: IDLE_TIMEOUT_MS }) },
      retry: {
        limit: RETRIES,
        // Asked about every error, whatever `limit`, `methods` and `errorCodes` say; 0 means no.
        calculateDelay: ({ attemptCount, error }) =>
          attemptCount <= RETRIES && isSafe(error) && budget.tryRetry() ? fullJitterMs(attemptCount) : 0,
      },
      hooks: {
        afterResponse: [
          (response) => {
            budget.onSuccess();
            return response;
          },
        ],
      },
    });
    return ({ method, name, body }) =>
      client(`${origin}/${name}`, { method, signal: AbortSignal.timeout(DEADLINE_MS), ...(body && { body }) });
  },
};
