import { once } from 'node:events';
import http, { type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { answer } from '../work';
import { DEADLINE_MS, QUIET_MS, REFUSING_MS, type StartServer, UNREADY_ANSWERS, UNREADY_MS } from './server';

let state: 'ready' | 'unready' | 'refusing' = 'ready';
let lastRequestMs = 0;
let unreadyAnswers = 0;
let refusals = 0;

/** Plain `node:http`, by hand. */
export const startNode: StartServer = async ({ port, way, isWatched }) => {
  const server = http.createServer((request, response) => {
    // The last response on each connection: neither side uses it again, so neither can close it under a request.
    if (state !== 'ready') response.setHeader('Connection', 'close');
    if (request.url === '/ready') {
      if (state !== 'ready') unreadyAnswers += 1;
      return response.writeHead(state === 'ready' ? 200 : 503).end();
    }
    lastRequestMs = performance.now();
    if (state !== 'refusing') return answer(request, response);
    refusals += 1;
    return response.writeHead(503).end();
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
    await quiet(UNREADY_MS, () => unreadyAnswers >= UNREADY_ANSWERS);
  }
  state = 'refusing';
  await quiet(REFUSING_MS, () => isWatched || refusals > 0);
  setTimeout(() => server.closeAllConnections(), DEADLINE_MS).unref();
  server.close(() => process.exit());
  server.closeIdleConnections();
}

/** Waits until those who look have been told, and no request has come for a while; or until the time is up. */
async function quiet(longestMs: number, areTold: () => boolean): Promise<void> {
  const endMs = performance.now() + longestMs;
  while (!areTold() && performance.now() < endMs) await sleep(20);
  const toldMs = performance.now();
  const quietMs = () => Math.max(toldMs, lastRequestMs) + QUIET_MS;
  while (performance.now() < Math.min(endMs, quietMs())) await sleep(20);
}
