import http from 'node:http';
import { listen, reportAction } from './report';

/** Waits 300 ms for the rest of a body, then closes the connection. */
const server = http.createServer(({ socket, url: call = '' }) => {
  const port = socket.remotePort;
  setTimeout(() => {
    socket.on('close', () => reportAction('gave-up-waiting', call, port));
    socket.destroy();
  }, 300);
});

listen(server);
