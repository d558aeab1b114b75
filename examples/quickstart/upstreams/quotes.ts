import http, { type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { applicationOf, listen, reportAction } from './report';

/** A limiter that allows one connection per application. It drops any other as soon as a request arrives on it. */
const allowed = new Map<string, Socket>();
const waiting = new Map<string, ServerResponse>();

const server = http.createServer({ keepAliveTimeout: 60_000 }, ({ socket, url: call = '' }, response) => {
  const application = applicationOf(call);
  const first = allowed.get(application) ?? socket;
  allowed.set(application, first);
  if (socket !== first) {
    const port = socket.remotePort;
    socket.on('close', () => {
      reportAction('dropped', call, port);
      waiting.get(application)?.end('ok');
    });
    socket.destroy();
  } else if (call.endsWith('/drop/allowed')) {
    // Keeps the allowed connection in use until the other request was dropped.
    waiting.set(application, response);
  } else {
    response.end('ok');
  }
});

listen(server);
