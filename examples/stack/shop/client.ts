import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import AgentKeepAlive from 'agentkeepalive';
import { RETRY_POINTLESS, socketFailureOf } from 'opentelemetry-instrumentation-socket';
import { isFixed } from './settings';
import { count } from './truth';

/** How the shop calls a peer. The shop and the fixed shop differ only in this file and in `orders.ts`. */
export interface Peer {
  /** Its name in the counts: `payments`. */
  readonly name: string;
  readonly url: string;
  readonly agent: http.Agent | false;
}

/**
 * `advisedMs`: the advised idle timeout, below the peer's. Without it the agent keeps idle connections indefinitely, as
 * `new http.Agent({ keepAlive: true })` does, whatever the peer announces.
 */
export function peer(name: string, url: string, advisedMs: number): Peer {
  const agent = isFixed
    ? new AgentKeepAlive({ maxSockets: 2, freeSocketTimeout: advisedMs })
    : new http.Agent({ keepAlive: true, maxSockets: 2 });
  return { name, url, agent };
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Calls with `http`, over the peer's agent. */
export function call(peer: Peer, method: string, path: string, timeoutMs?: number): Promise<Answer> {
  const timeout = new Error(`no answer within ${timeoutMs} ms`);
  return withRetries(`${method} ${peer.name}/${path.split('/')[1]}`, timeout, () => {
    return new Promise<Answer>((resolve, reject) => {
      const { agent, url } = peer;
      const request = http.request(`${url}${path}`, { method, agent });
      request.on('error', reject);
      request.on('response', (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk) => {
          body += chunk;
        });
        response.on('error', reject).on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      });
      if (timeoutMs !== undefined) request.setTimeout(timeoutMs, () => request.destroy(timeout));
      request.end();
    });
  });
}

/** Calls with `fetch`, whose pool follows what the peer announces: nothing to fix. */
export function callByFetch(peer: Peer, method: string, path: string): Promise<Answer> {
  return withRetries(`${method} ${peer.name}/${path.split('/')[1]}`, undefined, async () => {
    const response = await fetch(`${peer.url}${path}`, { method });
    return { status: response.status, body: await response.text() };
  });
}

/** Advice: retry what is safe to retry, whatever the method, unless it is pointless. */
async function withRetries(name: string, timeout: Error | undefined, send: () => Promise<Answer>): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    try {
      count('sent', name);
      const answer = await send();
      count('answered', name);
      return answer;
    } catch (error) {
      count(error === timeout ? 'timed-out' : 'failed', name);
      const failure = socketFailureOf(error);
      const isWorthIt = failure?.retrySafe === true && !RETRY_POINTLESS.includes(failure.cause);
      if (!isFixed || attempt === 3 || !isWorthIt) throw error;
      await sleep(300);
    }
  }
}
