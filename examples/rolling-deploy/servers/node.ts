import { once } from 'node:events';
import http, { type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { answer } from '../work';
import { DEADLINE_MS, REFUSING_MS, type StartServer, UNREADY_MS } from './server';

let state: 'ready' | 'unready' | 'refusing' = 'ready';

/** Plain `node:http`, by hand. */
export const startNode: StartServer = async (port, way) => {
  const server = http.createServer((request, response) => {
    // The last response on each connection: neither side uses it again, so neither can close it under a request.
    if (state !== 'ready') response.setHeader('Connection', 'close');
    if (request.url === '/ready') response.writeHead(state === 'ready' ? 200 : 503).end();
    else if (state === 'refusing') response.writeHead(503).end();
    else answer(request, response);
  });
  process.on('SIGTERM', () => {
    if (way === 'close') server.close(() => process.exit());
    else drain(server);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
};

async function drain(server: Server): Promise<void> {
  state = 'unready';
  await sleep(UNREADY_MS);
  state = 'refusing';
  await sleep(REFUSING_MS);
  setTimeout(() => server.closeAllConnections(), DEADLINE_MS).unref();
  server.close(() => process.exit());
  server.closeIdleConnections();
}
