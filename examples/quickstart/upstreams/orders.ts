import http from 'node:http';
import type { Socket } from 'node:net';
import { listen, reportAction } from './report';

/**
 * Closes connections that were idle for 2 s, and announces it: `Keep-Alive: timeout=2`. It closes with a FIN, or with a
 * RST if the last request was for `…/stale-rst/…`.
 *
 * What makes the race certain: a connection whose time is up is closed only once the client has blocked its event loop.
 */
const IDLE_TIMEOUT_MS = 2_000;
const blockedClients = new Set<string>();
const overdue = new Map<string, () => void>();
const timers = new WeakMap<Socket, NodeJS.Timeout>();

const server = http.createServer({ keepAliveTimeout: 0 }, ({ socket, url: call = '' }, response) => {
  clearTimeout(timers.get(socket));
  response.setHeader('Connection', 'keep-alive');
  response.setHeader('Keep-Alive', `timeout=${IDLE_TIMEOUT_MS / 1_000}`);
  response.end('ok');
  response.on('finish', () => {
    const due = () => (blockedClients.has(call) ? close(socket, call) : overdue.set(call, () => close(socket, call)));
    timers.set(socket, setTimeout(due, IDLE_TIMEOUT_MS));
  });
  const port = socket.remotePort;
  socket.removeAllListeners('close');
  socket.on('close', () => {
    clearTimeout(timers.get(socket));
    reportAction('left-by-client', call, port);
  });
});

function close(socket: Socket, call: string): void {
  if (socket.destroyed) return;
  const port = socket.remotePort;
  const isReset = call.includes('/stale-rst/');
  socket.removeAllListeners('close');
  socket.on('close', () => reportAction(isReset ? 'idle-rst' : 'idle-fin', call, port));
  if (isReset) socket.resetAndDestroy();
  else socket.destroy();
}

process.on('message', (calls: readonly string[]) => {
  for (const call of calls) {
    blockedClients.add(call);
    overdue.get(call)?.();
  }
});

listen(server);
