import { once } from 'node:events';
import http, { type AgentOptions, type IncomingMessage } from 'node:http';
import https from 'node:https';
import Agentkeepalive from 'agentkeepalive';

export interface Ask {
  readonly path?: string;
  readonly method?: 'GET' | 'POST';
  readonly body?: Buffer;
  readonly id: string;
  readonly timeoutMs?: number;
  /** The program stops reading for so long when the response begins. `http` only. */
  readonly standMs?: number;
  /** The program says that the body is longer, and ends the request nevertheless, or never does. `http` only. */
  readonly unfinished?: 'ended' | 'open';
}

/** One pool of connections to one origin. */
export interface Client {
  /** One request, its body read to the end. Rejects with what the client throws. */
  send(ask: Ask): Promise<number | undefined>;
  close(): void;
}

export type ClientKind = 'http' | 'https' | 'agentkeepalive' | 'fetch' | 'undici';

/** `origin` is without a path. */
export function makeClient(kind: ClientKind, origin: string, options: AgentOptions = {}): Client {
  if (kind === 'fetch' || kind === 'undici') return undiciClient(kind, origin, options.maxSockets);
  const module = origin.startsWith('https') ? https : http;
  const Agent = kind === 'agentkeepalive' ? Agentkeepalive : module.Agent;
  const agent = new Agent({ keepAlive: true, ...options });
  const send = async ({ path = '/ok', method = 'GET', body, id, timeoutMs, standMs = 0, unfinished }: Ask) => {
    const length = body === undefined ? undefined : body.length + (unfinished === undefined ? 0 : 1_000);
    const headers = { 'x-id': id, ...(length === undefined ? {} : { 'content-length': length }) };
    const request = module.request(`${origin}${path}`, { method, headers, agent, rejectUnauthorized: false });
    // One failure can be told twice.
    request.on('error', () => undefined);
    if (timeoutMs !== undefined) request.setTimeout(timeoutMs, () => request.destroy());
    if (unfinished === 'open') request.write(body);
    else request.end(body);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    if (standMs > 0) await new Promise((resolve) => setTimeout(resolve, standMs));
    await once(response.resume(), 'end');
    return response.statusCode;
  };
  return { send, close: () => agent.destroy() };
}

/** undici of npm, each with a pool of its own; `fetch` by the same copy, so that its pool is this one too. */
function undiciClient(kind: 'fetch' | 'undici', origin: string, connections = Number.POSITIVE_INFINITY): Client {
  const undici: typeof import('undici6') = require('undici7');
  const dispatcher = new undici.Agent({
    connections: Number.isFinite(connections) ? connections : null,
    connect: { rejectUnauthorized: false },
    keepAliveTimeout: 600_000,
    // The peer is the first to close, whatever it announces.
    keepAliveTimeoutThreshold: -600_000,
    keepAliveMaxTimeout: 600_000,
  });
  const send = async ({ path = '/ok', method = 'GET', body, id, timeoutMs }: Ask) => {
    const signal = timeoutMs === undefined ? null : AbortSignal.timeout(timeoutMs);
    const init = { method, headers: { 'x-id': id }, body: body ?? null, dispatcher, signal };
    if (kind === 'fetch') {
      const response = await undici.fetch(`${origin}${path}`, init);
      await response.arrayBuffer();
      return response.status;
    }
    const { statusCode, body: answer } = await undici.request(`${origin}${path}`, init);
    await answer.arrayBuffer();
    return statusCode;
  };
  return { send, close: () => void dispatcher.destroy() };
}
