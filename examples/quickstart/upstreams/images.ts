import http from 'node:http';
import { applicationOf, listen, reportAction } from './report';

/** Its handler crashes in the middle of each application's first response: 1000 bytes are announced, 400 are sent. */
const known = new Set<string>();

const server = http.createServer(({ socket, url: call = '' }, response) => {
  const application = applicationOf(call);
  if (known.has(application)) return response.end('ok');
  known.add(application);
  const port = socket.remotePort;
  response.writeHead(200, { 'Content-Length': 1_000 });
  response.write('x'.repeat(400));
  setTimeout(() => {
    socket.on('close', () => reportAction('aborted', call, port));
    socket.destroy();
  }, 150);
});

listen(server);
