import http from 'node:http';
import { listen, reportAction } from './report';

/** Drops every connection as soon as a request arrives on it, and says nothing to anybody. */
const server = http.createServer(({ socket, url: call = '' }) => {
  const port = socket.remotePort;
  socket.on('close', () => reportAction('dropped-unseen', call, port));
  socket.destroy();
});

listen(server);
