import { stat } from 'node:fs';
import { after } from 'node:test';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import type { Peer } from '../support/peer';
import { startPeer as start } from '../support/verdict';

// The peers' certificate is self-signed, and the built-in fetch takes no options for that.
process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
process.removeAllListeners('warning');
new UndiciInstrumentation();

export interface Options {
  readonly method?: string;
  readonly body?: string;
  readonly signal?: AbortSignal;
  readonly dispatcher?: Closable;
}

interface Closable {
  destroy(error?: Error): Promise<unknown>;
}

/** What the tests use of a copy of undici; its majors agree on it. */
export interface Undici {
  readonly fetch: typeof fetch;
  readonly request: (url: string, options: object) => Promise<{ readonly body: { text(): Promise<string> } }>;
  readonly Agent: new (options?: object) => Closable;
  readonly ProxyAgent: new (options?: object) => Closable;
  readonly Client: new (origin: string, options?: object) => Closable;
}

/** One way to make a request. */
export interface UndiciClient {
  readonly name: string;
  /** Absent: Node's own copy, which has no public dispatchers. */
  readonly copy: Undici | undefined;
  /** To the end of the body; throws what the program would catch. */
  send(peer: Pick<Peer, 'port' | 'secure'>, target: string, options?: Options): Promise<void>;
}

const major = Number(process.versions.node.split('.')[0]);
// undici 8 needs Node 22.
export const COPIES = ['undici6', 'undici7', ...(major < 22 ? [] : ['undici8'])];

function urlOf({ port, secure }: Pick<Peer, 'port' | 'secure'>, target: string): string {
  const [path, amount = '0'] = target.split('?');
  return `${secure ? 'https' : 'http'}://127.0.0.1:${port}${path}/secret-path?${amount}&q=secret-query`;
}

const headers = { 'x-token': 'secret-header' };

function fetchOf(name: string, make: typeof fetch, copy: Undici | undefined): UndiciClient {
  return {
    name,
    copy,
    send: async (peer, target, options = {}) => {
      await (await make(urlOf(peer, target), { ...options, headers } as object)).text();
    },
  };
}

/** With a dispatcher of its own: the global one may be another copy's, which hides why a request was aborted. */
function requestOf(name: string, copy: Undici): UndiciClient {
  const dispatcher = new copy.Agent();
  after(() => dispatcher.destroy());
  return {
    name,
    copy,
    send: async (peer, target, options = {}) => {
      await (await copy.request(urlOf(peer, target), { dispatcher, ...options, headers })).body.text();
    },
  };
}

/** Node's own fetch, and fetch and request of each copy of undici that this Node can run. */
export const CLIENTS: readonly UndiciClient[] = [
  fetchOf("Node's fetch", fetch, undefined),
  ...COPIES.flatMap((name) => {
    const copy: Undici = require(name);
    return [fetchOf(`fetch of ${name}`, copy.fetch, copy), requestOf(`request of ${name}`, copy)];
  }),
];

/** The errors of one request, for `fails`. */
export async function attempt(work: () => Promise<void>): Promise<{ errors: unknown[] }> {
  try {
    await work();
    return { errors: [] };
  } catch (error) {
    return { errors: [error] };
  }
}

/**
 * Runs `work` in the phase of the loop after which undici's look at an idle socket (one `setImmediate`) comes before the
 * next poll: what the peer did meanwhile is found only by the write.
 */
export function inPollPhase<T>(work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => stat('.', () => work().then(resolve, reject)));
}

/** A peer with a pooled connection of this client. */
export async function warmPeer(client: UndiciClient, options: Parameters<typeof start>[0] = {}): Promise<Peer> {
  const peer = await start(options);
  await client.send(peer, '/ok');
  return peer;
}
