import http, { type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { listen, reportAction } from './report';

/** A limiter that allows one connection per client. It drops any other as soon as a request arrives on it. */
let allowed: Socket | undefined;
let waiting: ServerResponse | undefined;

const server = http.createServer({ keepAliveTimeout: 60_000 }, ({ socket, url: call = '' }, response) => {
  allowed ??= socket;
  if (socket !== allowed) {
    const port = socket.remotePort;
    socket.on('close', () => {
      reportAction('dropped', call, port);
      waiting?.end('ok');
    });
    socket.destroy();
  } else if (call === '/drop/allowed') {
    // Keeps the allowed connection in use until the other request was dropped.
    waiting = response;
  } else {
    response.end('ok');
  }
});

listen(server);
