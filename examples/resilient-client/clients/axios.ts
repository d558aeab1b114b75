import http from 'node:http';
import axios, { type AxiosError } from 'axios';
import axiosRetry from 'axios-retry';
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

/** Axios reports a truncated answer with an error of its own, which leads to no verdict. */
function wasTruncated({ code, response }: AxiosError): boolean {
  return code === 'ERR_BAD_RESPONSE' && response?.status === 200;
}

export const client: Client = {
  naive(origin) {
    const instance = axios.create({ baseURL: origin, proxy: false });
    // Three retries without a pause, and of a POST, too, if the connection was reset.
    axiosRetry(instance);
    return ({ method, name, body }) => instance.request({ method, url: name, ...(body && { data: body }) });
  },
  fixed(origin) {
    const httpAgent = new http.Agent({ keepAlive: true, timeout: IDLE_TIMEOUT_MS });
    const instance = axios.create({ baseURL: origin, proxy: false, httpAgent });
    const budget = new RetryBudget();
    axiosRetry(instance, {
      retries: RETRIES,
      retryDelay: fullJitterMs,
      retryCondition: (error) => {
        const isSafe = isWorthRetrying(error) || (wasTruncated(error) && isIdempotent(error.config?.method));
        return isSafe && budget.tryRetry();
      },
    });
    instance.interceptors.response.use((response) => {
      budget.onSuccess();
      return response;
    });
    return ({ method, name, body }) =>
      instance.request({ method, url: name, ...(body && { data: body }), signal: AbortSignal.timeout(DEADLINE_MS) });
  },
};
