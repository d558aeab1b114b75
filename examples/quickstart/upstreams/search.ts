import http from 'node:http';
import { listen, reportAction } from './report';

/** A slow server behind a proxy that allows 2 s for an answer, then closes the connection. */
const LIMIT_MS = 2_000;

const server = http.createServer(({ socket, url: call = '' }) => {
  const port = socket.remotePort;
  setTimeout(() => {
    socket.on('close', () => reportAction('cut-at-limit', call, port));
    socket.destroy();
  }, LIMIT_MS);
});

listen(server);
