import http from 'node:http';
import { IDLE_TIMEOUT_MS } from '../policy';
import type { Client } from './client';
import { request } from './http-request';
import { retryPolicy } from './policies';

export const client: Client = {
  naive(origin) {
    const agent = new http.Agent({ keepAlive: true });
    return (call) => request(agent, origin, call);
  },
  fixed(origin) {
    const agent = new http.Agent({ keepAlive: true, timeout: IDLE_TIMEOUT_MS });
    const policy = retryPolicy();
    return (call) => policy.execute(({ signal }) => request(agent, origin, call, signal));
  },
};
