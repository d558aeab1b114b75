import http, { type ClientRequest, type RequestOptions } from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { RETRY_POINTLESS, socketFailureOf } from 'opentelemetry-instrumentation-socket';
import { blockUntil, sendToDemo, setup } from './demo-channel';

/**
 * How the application talks to its upstreams: one agent, sometimes a timeout, and, when it follows the advice, retries.
 */

/** Without DNS: every host name of the demo resolves to this machine. */
const lookup = ((_, { all }, done) => {
  if (all) process.nextTick(done, null, [{ address: '127.0.0.1', family: 4 }]);
  else process.nextTick(done, null, '127.0.0.1', 4);
}) as LookupFunction;

// Advice: an idle timeout below the peer's. Without it this agent keeps idle connections indefinitely.
const { idleTimeoutMs } = setup;
const agent = new http.Agent({ keepAlive: true, ...(idleTimeoutMs === undefined ? {} : { timeout: idleTimeoutMs }) });

export interface Options {
  readonly timeoutMs?: number;
  /** Blocks the event loop from the moment the request was written until its upstream has finished with it. */
  readonly blocked?: boolean;
  readonly scheme?: 'https';
  /** Options of `http.request` that differ from the usual ones. */
  readonly request?: RequestOptions;
  /** Instead of `request.end(body)`. */
  readonly drive?: (request: ClientRequest) => void;
}

export const client = {
  setup,
  lookup,
  blockUntil,
  /** A pool of its own. */
  fresh: () => new http.Agent({ keepAlive: true }),
  get: (host: string, call: string, options?: Options) => send('GET', host, call, options),
  post: (host: string, call: string, options?: Options) => send('POST', host, call, options),
  /**
   * Leaves the connections that carried these calls idle, and blocks the event loop while their upstream closes them.
   */
  async idleUntilClosed(...calls: readonly string[]): Promise<void> {
    await sleep(1_200);
    blockUntil(calls);
  },
};

export type Client = typeof client;

/** One request with all its attempts. Never rejects: it reports to the demo how it ended. */
async function send(method: string, host: string, call: string, options: Options = {}): Promise<void> {
  for (let attempts = 1; ; attempts++) {
    try {
      await attempt(method, host, call, options);
      return sendToDemo({ outcome: { call, method, host, attempts } });
    } catch (error) {
      // Advice: retry what is safe to retry, whatever the method, unless it is pointless.
      const failure = socketFailureOf(error);
      const isWorthIt = failure?.retrySafe === true && !RETRY_POINTLESS.includes(failure.cause);
      const retry = setup.mode === 'fixed' && attempts < 6 && isWorthIt;
      if (!retry) return sendToDemo({ outcome: { call, method, host, attempts, error: (error as Error).message } });
      await sleep(50 * 2 ** attempts);
    }
  }
}

function attempt(method: string, host: string, call: string, options: Options): Promise<void> {
  const { timeoutMs, blocked, scheme, drive } = options;
  const body = method === 'POST' ? '{"item":"tea","count":1}' : '';
  const settings: RequestOptions = {
    ...{ method, host, port: setup.ports[host], path: `/${setup.mode}${call}`, lookup },
    ...(scheme === 'https' ? {} : { agent }),
    ...(body === '' ? {} : { headers: { 'Content-Type': 'application/json', 'Content-Length': body.length } }),
    ...options.request,
  };
  return new Promise((resolve, reject) => {
    const request = scheme === 'https' ? https.request(settings) : http.request(settings);
    request.on('response', (response) => response.resume().on('end', resolve).on('error', reject));
    request.on('error', reject);
    // This is what most clients do. The error that follows says "socket hang up", as if the peer had closed the
    // connection.
    if (timeoutMs !== undefined) request.setTimeout(timeoutMs, () => request.destroy());
    if (blocked) request.on('finish', () => blockUntil([call]));
    if (drive === undefined) request.end(body);
    else drive(request);
  });
}
