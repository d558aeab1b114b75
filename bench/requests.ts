import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tlsFixture } from '../test/support/root';
import type { ChildOptions } from './scenario';

/** The idle timeout of the upstream server, which announces it, but for a mismatch, and closes nothing meanwhile. */
const KEPT_MS = 600_000;
const ANNOUNCED = 'timeout=5';
export const BODY = '{"ok":true,"items":[1,2,3],"name":"a small answer"}';

/** Makes one request and reads the answer to its end. */
export type Request = () => Promise<unknown>;

/** The client that the scenario names, with a pool of its own and as many connections as requests at once. */
export function clientOf({ mode, port, concurrency, mismatch }: ChildOptions): Request {
  const scheme = mode === 'https' ? 'https' : 'http';
  const url = `${scheme}://127.0.0.1:${port}/`;
  if (mode === 'fetch') return async () => (await fetch(url)).text();
  if (mode === 'undici') return undiciClient(url, concurrency);
  const { Agent, get } = require(`node:${scheme}`) as typeof import('node:https');
  // Long enough for a process to wait while others warm up.
  const timeout = mismatch === true ? 60_000 : 300_000;
  const agent = new Agent({
    keepAlive: true,
    maxSockets: concurrency,
    maxFreeSockets: concurrency,
    timeout,
    rejectUnauthorized: false,
  });
  return () =>
    new Promise((resolve, reject) => {
      get(url, { agent }, (response) => response.on('end', resolve).resume()).on('error', reject);
    });
}

function undiciClient(url: string, connections: number): Request {
  const { Agent, request } = require('undici7') as typeof import('undici7');
  const dispatcher = new Agent({ connections });
  return async () => (await request(url, { dispatcher })).body.text();
}

/** Serves a small answer; with `relay`, after one request of its own. Resolves with the port. */
export function serve({ mode, role, mismatch }: ChildOptions, relay?: Request): Promise<number> {
  const isSecure = role === 'upstream' && mode === 'https';
  const { createServer } = require(isSecure ? 'node:https' : 'node:http') as typeof import('node:https');
  const options = isSecure ? { key: tlsFixture('key.pem'), cert: tlsFixture('cert.pem') } : {};
  const server: Server = createServer(options, (_, response) => {
    if (mismatch === true) response.setHeader('Keep-Alive', ANNOUNCED);
    if (relay === undefined) response.end(BODY);
    else void relay().then(() => response.end(BODY));
  });
  server.keepAliveTimeout = KEPT_MS;
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}
