import { once } from 'node:events';
import http, { type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { answer } from '../work';
import { DEADLINE_MS, QUIET_MS, REFUSING_MS, type StartServer, UNREADY_MS } from './server';

let state: 'ready' | 'unready' | 'refusing' = 'ready';
let lastRequestMs = 0;

/** Plain `node:http`, by hand. */
export const startNode: StartServer = async ({ port, way, isWatched }) => {
  const server = http.createServer((request, response) => {
    // The last response on each connection: neither side uses it again, so neither can close it under a request.
    if (state !== 'ready') response.setHeader('Connection', 'close');
    if (request.url === '/ready') return response.writeHead(state === 'ready' ? 200 : 503).end();
    lastRequestMs = performance.now();
    return state === 'refusing' ? response.writeHead(503).end() : answer(request, response);
  });
  process.on('SIGTERM', () => {
    if (way === 'close') server.close(() => process.exit());
    else drain(server, isWatched);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
};

async function drain(server: Server, isWatched: boolean): Promise<void> {
  if (isWatched) {
    state = 'unready';
    await quiet(UNREADY_MS);
  }
  state = 'refusing';
  await quiet(REFUSING_MS);
  setTimeout(() => server.closeAllConnections(), DEADLINE_MS).unref();
  server.close(() => process.exit());
  server.closeIdleConnections();
}

/** Waits until no request has come for a while, or until the time is up. */
async function quiet(longestMs: number): Promise<void> {
  const startedMs = performance.now();
  const untilMs = () => Math.min(startedMs + longestMs, Math.max(startedMs, lastRequestMs) + QUIET_MS);
  while (performance.now() < untilMs()) await sleep(20);
}
