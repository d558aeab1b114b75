import { Agent, fetch } from 'undici7';
import { IDLE_TIMEOUT_MS } from '../policy';
import type { Client } from './client';
import { retryPolicy } from './policies';

/** `undici7` is this repository's name for version 7 of undici. Node's own `fetch` takes such a dispatcher, too. */
export const client: Client = {
  naive(origin) {
    return async ({ method, name, body = null }) => (await fetch(`${origin}/${name}`, { method, body })).text();
  },
  fixed(origin) {
    const dispatcher = new Agent({ keepAliveTimeout: IDLE_TIMEOUT_MS });
    const policy = retryPolicy();
    // The body is read inside the policy: a truncated answer rejects only there.
    return ({ method, name, body = null }) =>
      policy.execute(async ({ signal }) => {
        const response = await fetch(`${origin}/${name}`, { method, body, dispatcher, signal });
        return response.text();
      });
  },
};
