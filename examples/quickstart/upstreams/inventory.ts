import http from 'node:http';
import { listen, reportAction, reportStopped } from './report';

/**
 * Is stopped with requests in flight, three of each application: it no longer listens, and the demo kills it once a
 * request of each has been refused. The process that replaces it on its port answers.
 */
const [, , port, applications, isReplacement] = process.argv;
let inFlight = 0;

const server = http.createServer(({ socket, url: call = '' }, response) => {
  if (isReplacement !== undefined) return response.end('ok');
  reportAction('killed', call, socket.remotePort);
  inFlight += 1;
  if (inFlight < 3 * Number(applications)) return;
  server.close();
  reportStopped();
});

listen(server, Number(port));
