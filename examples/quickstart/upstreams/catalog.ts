import http from 'node:http';
import type { Socket } from 'node:net';
import { listen, reportAction } from './report';

/**
 * Retires a connection soon after its fourth request, without saying so in the response. If that was for
 * `…/retired/race/4`, the connection is closed, as with `orders`, only once the client has blocked its event loop.
 */
const MOST_REQUESTS = 4;
const CLOSES_AFTER_MS = 30;
const carried = new WeakMap<Socket, number>();
const blockedClients = new Set<string>();
const due = new Map<string, () => void>();

const server = http.createServer({ keepAliveTimeout: 0 }, ({ socket, url: call = '' }, response) => {
  const requests = (carried.get(socket) ?? 0) + 1;
  carried.set(socket, requests);
  response.end('ok');
  if (requests < MOST_REQUESTS) return;
  const port = socket.remotePort;
  const close = () => {
    socket.on('close', () => reportAction('retired', call, port));
    socket.destroy();
  };
  response.on('finish', () => {
    if (!call.endsWith('/race/4')) setTimeout(close, CLOSES_AFTER_MS);
    else if (blockedClients.has(call)) close();
    else due.set(call, close);
  });
});

process.on('message', (calls: readonly string[]) => {
  for (const call of calls) {
    blockedClients.add(call);
    due.get(call)?.();
  }
});

listen(server);
