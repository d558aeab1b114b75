import http from 'node:http';
import { IDLE_TIMEOUT_MS, isIdempotent, isWorthRetrying } from '../policy';
import type { Client } from './client';
import { retryPolicy } from './policies';

/** Got reports a truncated answer with an error of its own, which leads to no verdict: the method decides. */
function isTruncatedGet(error: Error): boolean {
  const { options } = error as { options?: { method: string } };
  return error.name === 'ReadError' && isIdempotent(options?.method);
}

/**
 * Got's own `retry.calculateDelay` could ask for the verdict, too. But on Node 24 got 14 rejects while it waits to repeat
 * a refused request (ERR_SOCKET_CLOSED_BEFORE_CONNECTION): so its retries are off, and a policy is around it.
 */
export const client: Client = {
  async naive(origin) {
    const { got } = await import('got');
    return ({ method, name, body }) => got(`${origin}/${name}`, { method, ...(body && { body }) });
  },
  async fixed(origin) {
    const { got } = await import('got');
    const agent = { http: new http.Agent({ keepAlive: true, timeout: IDLE_TIMEOUT_MS }) };
    const instance = got.extend({ agent, retry: { limit: 0 } });
    const policy = retryPolicy((error) => isWorthRetrying(error) || isTruncatedGet(error));
    return ({ method, name, body }) =>
      policy.execute(({ signal }) => instance(`${origin}/${name}`, { method, signal, ...(body && { body }) }));
  },
};
