import http from 'node:http';
import { listen, reportAction } from './report';

/** Needs a second for a report: slow, but not at fault. */
const server = http.createServer(({ socket, url: call = '' }, response) => {
  const port = socket.remotePort;
  const timer = setTimeout(() => response.end('ok'), 1_000);
  response.on('close', () => {
    clearTimeout(timer);
    reportAction(response.writableFinished ? 'answered' : 'kept-waiting', call, port);
  });
});

listen(server);
